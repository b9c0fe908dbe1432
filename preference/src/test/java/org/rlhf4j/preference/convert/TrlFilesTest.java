package org.rlhf4j.preference.convert;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlhf4j.base.Storage;
import org.rlhf4j.preference.container.RowWriter;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.testing.Golden;

/** What is written is, byte for byte, what {@code datasets} and TRL's trainers read right (testing/golden/trl_files.py). */
final class TrlFilesTest {
    private static final String FOLDER = "preference/trl/";

    static List<JsonNode> cases() {
        return Golden.cases("preference/trl", "cases");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theBytesAreThoseThatTrlHasRead(JsonNode written, @TempDir Path directory) throws Exception {
        String name = written.path("name").textValue();
        String file = written.path("file").textValue();
        OutputLayout layout = OutputLayout.named(written.path("layout").textValue());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ConversionReport report = new DataConversion(ReadOptions.DETECT, null, false, layout, null)
                .run(
                        List.of(new DataSource.Stream(
                                new ByteArrayInputStream(Golden.bytes(FOLDER + name + ".in.jsonl")), name)),
                        RowWriter.named(out, Path.of(file)));
        assertThat(out.toByteArray()).isEqualTo(Golden.bytes(FOLDER + file));
        assertThat(Storage.sha256(Files.write(directory.resolve("f"), out.toByteArray())))
                .isEqualTo(written.path("sha256").textValue());
        assertThat(report.rowsOut()).isEqualTo(written.path("rows").intValue());
    }

    @Test
    void everyTrainerHasRead() {
        assertThat(cases())
                .flatExtracting(written -> Golden.texts(written.path("trainers")))
                .contains("DPOTrainer", "RewardTrainer", "KTOTrainer", "SFTTrainer");
    }
}
