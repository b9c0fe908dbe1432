package org.rlhf4j.cli.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Json;

/** Adapters, exports and where they go, cases 21, 26, 29, 49 and 50. */
class HostileExportTest {
    private static final String MERGE = "model merge @run/model --out @out";

    private final HostileFiles files;
    private final Path directory;

    HostileExportTest(@TempDir Path directory) {
        this.files = new HostileFiles(directory);
        this.directory = directory;
    }

    @BeforeEach
    void model() {
        files.model("model");
        files.write("rows.jsonl", "{\"prompt\":\"p\",\"completion\":\"c\"}\n");
    }

    private void adapter() {
        assertThat(files.run("sft train --model @model --data @rows.jsonl --out @run --lora --set training.maxSteps=1")
                        .code())
                .isZero();
    }

    @Test
    void aRewardModelReadsWithItsOwnTokenizer() {
        files.write("pairs.jsonl", HostileFiles.pairs(2));
        assertThat(files.run("reward train --model @model --data @pairs.jsonl --out @run --set training.maxSteps=1")
                        .code())
                .isZero();
        String tokenizer = new String(files.read("run/model/tokenizer.json"), StandardCharsets.UTF_8);
        files.write("run/model/tokenizer.json", tokenizer + "\n");
        files.shows("21a", "score --model @run/model --in @rows.jsonl");
    }

    @Test
    void aNumberThatDoesNotFitIsNotExported() {
        adapter();
        byte[] weights = files.read("model/model.safetensors");
        ByteBuffer.wrap(weights).order(ByteOrder.LITTLE_ENDIAN).putFloat(weights.length - 4, 1e6f);
        files.write("model/model.safetensors", weights);
        files.shows("29a", MERGE);
        assertThat(files.run("sft train --model @model --data @rows.jsonl --out @again --lora --set training.maxSteps=1"
                                + " --set training.optimizer.learningRate=1e-9")
                        .code())
                .isZero();
        files.shows("26b", "model merge @again/model --out @out --format float16");
        assertThat(directory.resolve("out")).doesNotExist();
    }

    @Test
    void anAdapterFitsWhatItSaysOfItself() {
        adapter();
        byte[] config = files.read("run/model/adapter_config.json");
        shows("29b", "r", 0);
        files.write("run/model/adapter_config.json", config);
        shows("29c", "r", 8);
        files.write("run/model/adapter_config.json", config);
        shows("29d", "use_dora", true);
        files.write("run/model/adapter_config.json", config);
        shows("29e", "use_qalora", true);
    }

    private void shows(String key, String field, Object value) {
        ObjectNode config = (ObjectNode) Json.parse(files.read("run/model/adapter_config.json"));
        config.putPOJO(field, value);
        files.write("run/model/adapter_config.json", Json.write(config));
        files.shows(key, MERGE);
    }

    @Test
    void whatAKilledExportLeftIsNeitherReadNorInTheWay() throws IOException {
        adapter();
        Path left = Files.createDirectory(directory.resolve(".out.tmp-1"));
        byte[] weights = files.read("model/model.safetensors");
        Files.write(left.resolve("model.safetensors"), Arrays.copyOf(weights, 1000));
        files.shows("49a", "generate --model @.out.tmp-1 --prompt a");
        files.shows("49b", MERGE);
        assertThat(files.run("generate --model @out --prompt a --max-new-tokens 1")
                        .code())
                .isZero();
    }

    @Test
    void filesThatAreThereAreNotMixedWithNewOnes() {
        adapter();
        files.write("out/model.safetensors", "of another model");
        files.shows("50a", MERGE);
        files.shows("50b", "model create --preset tiny --out @out");
        files.shows("50c", "sft train --model @model --data @rows.jsonl --out @out");
    }
}
