package org.rlhf4j.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GoldenTest {
    @Test
    void everyNumberFileNamesTheVersionsThatMadeIt() {
        for (String path : new String[] {"optim/adamw", "loss/reward", "lm/token_logprobs", "safetensors/cases"}) {
            assertThat(Golden.json(path).path("versions").path("torch").textValue())
                    .as(path)
                    .isNotBlank();
        }
    }

    @Test
    void casesAreNeverEmpty() {
        assertThat(Golden.cases("safetensors/cases", "cases")).hasSizeGreaterThan(50);
        assertThatThrownBy(() -> Golden.cases("safetensors/cases", "csaes"))
                .hasMessage("golden file safetensors/cases.json has nothing under \"csaes\"");
    }

    @Test
    void aCheckpointIsCopiedWithEverythingInIt(@TempDir Path temporary) throws Exception {
        Path copy = Golden.copyDirectory("models/llama_gqa", temporary);
        assertThat(copy).isEqualTo(temporary.resolve("llama_gqa"));
        assertThat(copy.resolve("config.json")).hasBinaryContent(Golden.bytes("models/llama_gqa/config.json"));
        assertThat(Files.size(copy.resolve("model.safetensors"))).isPositive();
    }

    @Test
    void aDirectoryInAJarIsCopiedToo(@TempDir Path temporary) throws Exception {
        Path jar = temporary.resolve("testing.jar");
        try (FileSystem zip = FileSystems.newFileSystem(jar, Map.of("create", "true"))) {
            Files.createDirectories(zip.getPath("/golden/models/one"));
            Files.writeString(zip.getPath("/golden/models/one/config.json"), "{}");
        }
        Path copy = Golden.copyFrom(jar, "models/one", temporary);
        assertThat(copy.resolve("config.json")).hasContent("{}");
    }

    @Test
    void whatIsNotThereIsNamed(@TempDir Path temporary) {
        assertThatThrownBy(() -> Golden.json("optim/none")).hasMessage("there is no golden file optim/none.json");
        assertThatThrownBy(() -> Golden.copyDirectory("models/none", temporary))
                .hasMessageContaining("there is no golden directory");
    }

    @Test
    void numbersAreReadFlatOrByRows() throws Exception {
        JsonNode nested = new ObjectMapper().readTree("[[1, 2.5], [\"-Infinity\"], []]");
        assertThat(Golden.doubles(nested)).containsExactly(1, 2.5, Double.NEGATIVE_INFINITY);
        assertThat(Golden.floats(nested)).containsExactly(1f, 2.5f, Float.NEGATIVE_INFINITY);
        assertThat(Golden.rows(nested)).isDeepEqualTo(new double[][] {{1, 2.5}, {Double.NEGATIVE_INFINITY}, {}});
        JsonNode ids = new ObjectMapper().readTree("[[1, 2], [3]]");
        assertThat(Golden.intRows(ids)).isDeepEqualTo(new int[][] {{1, 2}, {3}});
        assertThat(Golden.texts(new ObjectMapper().readTree("[\"a\"]"))).containsExactly("a");
        assertThatThrownBy(() -> Golden.intRows(nested)).hasMessage("golden file has 2.5 where an integer belongs");
        assertThatThrownBy(() -> Golden.doubles(new ObjectMapper().readTree("[true]")))
                .hasMessage("golden file has true where a number belongs");
        assertThat(Golden.text("optim/clip.json")).startsWith("{");
    }
}
