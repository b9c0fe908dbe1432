package org.rlhf4j.cli.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.Json;
import org.rlhf4j.cli.CommandRun;
import org.rlhf4j.core.tensor.Torch;

/** {@code --dtype} and {@code --device} of the commands that compute. */
class PrecisionAndDeviceTest {
    private static final String TEXTS = """
            {"prompt":"Question 0?","completion":" good"}
            {"prompt":"Question 1?","completion":" well"}
            """;
    private static final String PAIRS = """
            {"prompt":"Question 0?","chosen":" good","rejected":" bad"}
            {"prompt":"Question 1?","chosen":" well","rejected":" ill"}
            """;

    private final Path directory;

    PrecisionAndDeviceTest(@TempDir Path directory) {
        this.directory = directory;
    }

    private static CommandRun run(Object... words) {
        CommandRun run = CommandRun.of(words);
        assertThat(run.code()).as(run.err()).isZero();
        return run;
    }

    private Path start() {
        Path model = directory.resolve("start");
        if (!Files.exists(model)) {
            run("model", "create", "--preset", "tiny", "--seed", 3, "--out", model);
        }
        return model;
    }

    private CommandRun train(String method, String rows, String dtype) throws IOException {
        Path data = Files.writeString(directory.resolve(method + ".jsonl"), rows);
        List<Object> words = new ArrayList<>(List.of(method, "train", "--model", start(), "--data", data));
        words.addAll(List.of("--eval-data", data, "--json", "--dtype", dtype, "--device", "cpu"));
        words.addAll(List.of("--out", directory.resolve(method + "-" + dtype)));
        words.addAll(List.of("--set", "training.maxSteps=6", "--set", "training.optimizer.learningRate=0.003"));
        return run(words.toArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {"sft", "reward", "dpo"})
    void trainingInBfloat16EndsNearFloat32(String method) throws IOException {
        String rows = method.equals("sft") ? TEXTS : PAIRS;
        double wide = loss(train(method, rows, "float32"));
        double narrow = loss(train(method, rows, "bfloat16"));
        assertThat(narrow).isNotEqualTo(wide).isCloseTo(wide, within(0.05 * Math.max(1, wide)));
        Path config = directory.resolve(method + "-bfloat16/config.yaml");
        assertThat(Files.readString(config)).contains("dtype: bfloat16");
    }

    private static double loss(CommandRun run) {
        return run.json().path("metrics").path("eval_loss").asDouble();
    }

    @Test
    void aModelIsUsedInBfloat16() throws IOException {
        CommandRun text =
                run("generate", "--model", start(), "--prompt", "abc", "--dtype", "bfloat16", "--max-new-tokens", 4);
        assertThat(text.out()).isNotEmpty();
        train("reward", PAIRS, "bfloat16");
        Path scorer = directory.resolve("reward-bfloat16/model");
        Path rows = Files.writeString(directory.resolve("rows.jsonl"), TEXTS);
        double wide = score(run("score", "--model", scorer, "--in", rows));
        double narrow = score(run("score", "--model", scorer, "--in", rows, "--dtype", "bfloat16"));
        assertThat(narrow).isNotEqualTo(wide).isCloseTo(wide, within(0.05 * Math.max(1, Math.abs(wide))));
    }

    private static double score(CommandRun run) {
        return Json.parse(run.out().lines().findFirst().orElseThrow())
                .path("score")
                .asDouble();
    }

    @Test
    void aDeviceThatIsNotThereEndsTheCommandAndNothingElseIsTaken() {
        Torch.start();
        CommandRun gpu = CommandRun.of("generate", "--model", start(), "--prompt", "abc", "--device", "gpu");
        assertThat(gpu.code()).isEqualTo(2);
        assertThat(gpu.err()).contains("the device is \"gpu\": give auto, cpu, cuda or cuda:N");
        CommandRun late = CommandRun.of("generate", "--model", start(), "--prompt", "abc", "--device", "cuda:7");
        System.clearProperty("rlhf4j.device");
        assertThat(late.code()).isEqualTo(2);
        assertThat(late.err())
                .contains("the device is \"cuda:7\", but the engine runs already")
                .contains("on cpu");
    }
}
