package org.rlhf4j.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.CommandRun;

/** {@code --resume} of the commands that train on rows. */
final class ResumeTest {
    private static final String DEMONSTRATIONS = """
            {"prompt":"Question 0?","completion":" good"}
            {"prompt":"Question 1?","completion":" well, and longer"}
            {"prompt":"Question 2?","completion":" fine"}
            """;
    private static final String PAIRS = """
            {"prompt":"Question 0?","chosen":" good","rejected":" bad"}
            {"prompt":"Question 1?","chosen":" well","rejected":" ill, and longer"}
            {"prompt":"Question 2?","chosen":" fine","rejected":" poor"}
            """;

    private final Path directory;
    private final Path run;

    ResumeTest(@TempDir Path directory) {
        this.directory = directory;
        this.run = directory.resolve("run");
    }

    private CommandRun train(String trainer, Path out, Object... more) throws IOException {
        Path model = directory.resolve("start");
        if (!Files.exists(model)) {
            CommandRun made = CommandRun.of("model", "create", "--preset", "tiny", "--seed", 3, "--out", model);
            assertThat(made.code()).as(made.err()).isZero();
        }
        Path data = directory.resolve(trainer + ".jsonl");
        if (!Files.exists(data)) {
            Files.writeString(data, trainer.equals("sft") ? DEMONSTRATIONS : PAIRS);
        }
        List<Object> args = new ArrayList<>(List.of(trainer, "train", "--model", model, "--data", data, "--out", out));
        args.addAll(List.of("--eval-data", data));
        if (Stream.of(more).noneMatch(word -> word.toString().startsWith("--checkpoint-steps"))) {
            args.addAll(List.of("--checkpoint-steps", 3));
        }
        List<String> settings = List.of(
                "maxSteps=8", "batchSize=2", "microBatchSize=1", "loggingSteps=2", "evalSteps=4", "keepBest=eval_loss");
        for (String setting : settings) {
            args.addAll(List.of("--set", "training." + setting));
        }
        args.addAll(List.of("--set", "training.optimizer.learningRate=0.003"));
        args.addAll(List.of(more));
        return CommandRun.of(args.toArray());
    }

    /** What a run leaves that was killed after its last step, before the result was saved. */
    private void killed(String trainer, Object... more) throws IOException {
        CommandRun whole = train(trainer, run, more);
        assertThat(whole.code()).as(whole.err()).isZero();
        Storage.disk().rename(run.resolve("model"), directory.resolve("expected"));
        Files.copy(run.resolve("metrics.jsonl"), directory.resolve("expected-metrics"));
        try (Stream<Path> checkpoints = Files.list(run.resolve("checkpoints"))) {
            assertThat(checkpoints.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("step-000003", "step-000006");
        }
    }

    private void assertAsIfNothingHadHappened() throws IOException {
        assertThat(run.resolve("metrics.jsonl")).hasSameBinaryContentAs(directory.resolve("expected-metrics"));
        try (Stream<Path> files = Files.list(directory.resolve("expected"))) {
            for (Path file : files.toList()) {
                assertThat(run.resolve("model").resolve(file.getFileName())).hasSameBinaryContentAs(file);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sft", "reward", "dpo"})
    void aKilledRunEndsAsIfNothingHadHappened(String trainer) throws IOException {
        killed(trainer, "--lora", "--set", "lora.dropout=0.25");
        CommandRun resumed = CommandRun.of(trainer, "train", "--resume", "--out", run, "--checkpoint-steps", 3);
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.err()).contains("going on from " + run.resolve("checkpoints/step-000006"));
        assertAsIfNothingHadHappened();
        JsonNode provenance = Json.read(run.resolve("provenance.json"));
        assertThat(provenance.path("resumed").get(0).path("step").asInt()).isEqualTo(6);
        assertThat(provenance.path("resumed").get(0).path("changed").isEmpty()).isTrue();
    }

    @Test
    void whereTheNewestCheckpointIsDamagedTheOneBeforeServes() throws IOException {
        killed("sft");
        Path weights = run.resolve("checkpoints/step-000006/model-weights.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 5] ^= 1;
        Files.write(weights, bytes);
        CommandRun resumed = train("sft", run, "--resume");
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.err())
                .contains("passed over step-000006, now called damaged-step-000006: " + weights
                        + ": is not what was written: its SHA-256 is another")
                .contains("going on from " + run.resolve("checkpoints/step-000003"));
        assertThat(run.resolve("checkpoints/damaged-step-000006")).isDirectory();
        assertAsIfNothingHadHappened();
    }

    @Test
    void withoutAnyCheckpointItStartsFromItsBeginning() throws IOException {
        killed("sft");
        Storage.disk().deleteTree(run.resolve("checkpoints"));
        CommandRun resumed = train("sft", run, "--resume");
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.err()).contains("there is no checkpoint yet: the run starts from its beginning");
        assertAsIfNothingHadHappened();
    }

    @Test
    void anInterruptedRunSaysHowToGoOn() throws Exception {
        CommandRun whole = train("sft", directory.resolve("whole"), "--set", "training.maxSteps=400");
        assertThat(whole.code()).as(whole.err()).isZero();
        CommandRun[] interrupted = new CommandRun[1];
        Thread thread = new Thread(() -> {
            try {
                interrupted[0] = train("sft", run, "--set", "training.maxSteps=400", "--json");
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        thread.start();
        while (!Files.exists(run.resolve("checkpoints/step-000003"))) {
            Thread.sleep(5);
        }
        thread.interrupt();
        thread.join();
        assertThat(interrupted[0].code()).as(interrupted[0].err()).isEqualTo(130);
        long steps = interrupted[0].json().path("steps").asLong();
        assertThat(steps).isBetween(3L, 399L);
        assertThat(interrupted[0].json().path("interrupted").asBoolean()).isTrue();
        assertThat(interrupted[0].out())
                .startsWith("interrupted after " + steps + " steps; go on with: rlhf sft train --resume --out " + run);
        assertThat(run.resolve("model")).doesNotExist();
        CommandRun resumed = CommandRun.of("sft", "train", "--resume", "--out", run);
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(run.resolve("model/model.safetensors"))
                .hasSameBinaryContentAs(directory.resolve("whole/model/model.safetensors"));
        assertThat(run.resolve("metrics.jsonl")).hasSameBinaryContentAs(directory.resolve("whole/metrics.jsonl"));
    }

    @Test
    void aRunThatHasEndedHasNothingLeftToDo() throws IOException {
        assertThat(train("sft", run).code()).isZero();
        CommandRun again = train("sft", run, "--resume");
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(again.out())
                .isEqualTo("nothing left to do: the run has ended, its result is " + run.resolve("model") + "\n");
        CommandRun longer =
                train("sft", run, "--resume", "--set", "training.maxSteps=9", "--allow-changed", "training.maxSteps");
        assertThat(longer.code()).isEqualTo(1);
        assertThat(longer.err()).contains("to train on with other settings, move it away first");
    }

    @Test
    void whatDiffersIsRefusedByItsKey() throws IOException {
        killed("sft");
        assertRefused("training.seed was 42, is 7", "training.seed", "--seed", 7);
        assertRefused("training.batchSize was 2, is 4", "training.batchSize", "--set", "training.batchSize=4");
        Files.writeString(directory.resolve("sft.jsonl"), DEMONSTRATIONS.replace("fine", "Fine"));
        assertRefused("data.0.sft.jsonl was ", "data.0.sft.jsonl");
        Files.delete(directory.resolve("sft.jsonl"));
        CommandRun vanished = CommandRun.of("sft", "train", "--resume", "--out", run);
        assertThat(vanished.code()).isEqualTo(1);
        assertThat(vanished.err())
                .contains(directory.resolve("sft.jsonl") + ": there is no such file, and the run is made from it");
        assertThat(run.resolve("metrics.jsonl")).hasSameBinaryContentAs(directory.resolve("expected-metrics"));
    }

    private void assertRefused(String difference, String key, Object... given) throws IOException {
        List<Object> more = new ArrayList<>(List.of("--resume"));
        more.addAll(List.of(given));
        CommandRun refused = train("sft", run, more.toArray());
        assertThat(refused.code()).as(refused.err()).isEqualTo(2);
        assertThat(refused.err())
                .contains("rlhf sft train: the run cannot go on as it was: " + difference)
                .contains("To go on to another result, add --allow-changed " + key);
    }

    @Test
    void aDifferenceThatIsAllowedIsWrittenDown() throws IOException {
        killed("sft");
        CommandRun longer =
                train("sft", run, "--resume", "--set", "training.maxSteps=9", "--allow-changed", "training.maxSteps");
        assertThat(longer.code()).as(longer.err()).isZero();
        assertThat(longer.out()).contains(" after 9 steps");
        JsonNode changed = Json.read(run.resolve("provenance.json"))
                .path("resumed")
                .get(0)
                .path("changed")
                .get(0);
        assertThat(changed.path("key").asText()).isEqualTo("training.maxSteps");
        assertThat(changed.path("before").asText()).isEqualTo("8");
        assertThat(changed.path("now").asText()).isEqualTo("9");
        assertThat(Files.readString(run.resolve("config.yaml"))).contains("maxSteps: 9");
    }

    @Test
    void aRunThatCannotGoOnIsLeftAsItWas() throws IOException {
        killed("sft", "--lora", "--set", "lora.rank=4");
        Path config = run.resolve("config.yaml");
        String before = Files.readString(config);
        CommandRun other = CommandRun.of(
                "sft", "train", "--resume", "--out", run, "--set", "lora.rank=8", "--allow-changed", "lora.rank");
        assertThat(other.code()).isEqualTo(1);
        assertThat(other.err()).contains("of shape [4, ");
        assertThat(config).hasContent(before);
        CommandRun resumed = CommandRun.of("sft", "train", "--resume", "--out", run);
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertAsIfNothingHadHappened();
    }

    @Test
    void whatIsKeptFromNowOnIsComparedFromNowOn() throws IOException {
        CommandRun whole = train("sft", run, "--set", "training.keepBest=null");
        assertThat(whole.code()).as(whole.err()).isZero();
        Storage.disk().deleteTree(run.resolve("model"));
        CommandRun best = CommandRun.of(
                "sft",
                "train",
                "--resume",
                "--out",
                run,
                "--set",
                "training.keepBest=eval_loss",
                "--allow-changed",
                "training.keepBest");
        assertThat(best.code()).as(best.err()).isZero();
        assertThat(best.err()).contains("step 8: ").contains("(best so far)");
    }

    @Test
    void filesMayStandElsewhere() throws IOException {
        killed("sft");
        Path moved = directory.resolve("moved.jsonl");
        Files.move(directory.resolve("sft.jsonl"), moved);
        CommandRun resumed =
                CommandRun.of("sft", "train", "--resume", "--out", run, "--data", moved, "--eval-data", moved);
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertAsIfNothingHadHappened();
        assertThat(Files.readString(run.resolve("config.yaml"))).contains("data: " + moved);
    }

    @Test
    void optionsAboutCheckpointsHoldUntilOthersAreGiven() throws IOException {
        assertThat(train("sft", run, "--stop-after", 2, "--keep-checkpoints", 5).code())
                .isEqualTo(130);
        CommandRun resumed = CommandRun.of("sft", "train", "--resume", "--out", run, "--stop-after=7");
        assertThat(resumed.code()).as(resumed.err()).isEqualTo(130);
        assertThat(checkpoints()).containsExactly("step-000002", "step-000003", "step-000006", "step-000007");
        CommandRun again =
                CommandRun.of("sft", "train", "--resume", "--out", run, "--keep-checkpoints", 1, "--stop-after", 7);
        assertThat(again.code()).as("nothing is to be done").isEqualTo(130);
        assertThat(again.out()).startsWith("interrupted after 7 steps");
        assertThat(checkpoints()).hasSize(4);
        assertThat(CommandRun.of("sft", "train", "--resume", "--out", run, "--stop-after", 9)
                        .code())
                .isZero();
        JsonNode provenance = Json.read(run.resolve("provenance.json"));
        assertThat(provenance.path("command").toString())
                .doesNotContain("--resume")
                .contains("--keep-checkpoints");
        assertThat(provenance.path("resumed").get(2).path("command").toString())
                .contains("\"--checkpoint-steps\",\"3\"")
                .contains("\"--keep-checkpoints\",\"1\"");
    }

    private List<String> checkpoints() throws IOException {
        try (Stream<Path> checkpoints = Files.list(run.resolve("checkpoints"))) {
            return checkpoints
                    .map(path -> path.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void optionsWithoutAMeaningAreRefusedBeforeAnythingIsDone() throws IOException {
        killed("sft");
        CommandRun typo = train("sft", run, "--resume", "--allow-changed", "training.epoch");
        assertThat(typo.code()).isEqualTo(2);
        assertThat(typo.err())
                .contains("--allow-changed: unknown key \"training.epoch\", did you mean \"training.epochs\"?");
        Path other = directory.resolve("other");
        CommandRun alone = train("sft", other, "--allow-changed", "training.epochs");
        assertThat(alone.code()).isEqualTo(2);
        assertThat(alone.err()).contains("--allow-changed says what may differ from an earlier run: give --resume too");
        for (String option : List.of("--checkpoint-minutes=-1", "--checkpoint-steps=-1", "--keep-checkpoints=0")) {
            CommandRun bad = train("sft", other, option);
            assertThat(bad.code()).as(option).isEqualTo(2);
        }
        assertThat(other).doesNotExist();
    }

    @Test
    void thereMustBeARunToGoOnWith() throws IOException {
        CommandRun none = train("sft", run, "--resume");
        assertThat(none.code()).isEqualTo(2);
        assertThat(none.err())
                .isEqualTo("rlhf sft train: " + run + " holds no run to go on with, for there is no config.yaml: leave"
                        + " --resume out to start one\n");
    }
}
