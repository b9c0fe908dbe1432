package org.rlhf4j.preference.container;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlhf4j.base.JsonLine;
import org.rlhf4j.testing.Golden;

/** Files that pyarrow, datasets, pandas, Python's csv and zstd wrote (testing/golden/data_files.py). */
final class PeerFilesTest {
    static List<JsonNode> files() {
        return Golden.cases("preference/files", "files");
    }

    @ParameterizedTest
    @MethodSource("files")
    void holdsTheRowsThatWereWritten(JsonNode file, @TempDir Path directory) throws Exception {
        String name = file.path("file").textValue();
        byte[] bytes = Golden.bytes("preference/files/" + name);
        // Under a name that says nothing.
        Path copy = Files.write(directory.resolve("data"), bytes);
        try (RowInput rows = Containers.open(copy)) {
            assertHolds(rows, file);
        }
        try (RowInput rows = Containers.read(new ByteArrayInputStream(bytes), "standard input")) {
            assertHolds(rows, file);
        }
    }

    @Test
    void everyContainerIsAmongThem() {
        assertThat(files())
                .extracting(file -> file.path("container").textValue())
                .contains(
                        "Parquet",
                        "JSON Lines",
                        "JSON Lines, compressed by zstd",
                        "CSV",
                        "TSV",
                        "CSV with semicolons, compressed by gzip");
    }

    private static void assertHolds(RowInput input, JsonNode file) {
        assertThat(input.container()).isEqualTo(file.path("container").textValue());
        List<JsonLine> rows = new ArrayList<>();
        input.forEachRemaining(rows::add);
        assertThat(rows).hasSize(file.path("rows").size());
        for (int i = 0; i < rows.size(); i++) {
            JsonNode expected = file.path("rows").get(i);
            JsonNode found = rows.get(i).orThrow();
            assertThat(found.equals(PeerFilesTest::compare, expected))
                    .as("row %d: %s, expected %s", i + 1, found, expected)
                    .isTrue();
            if (input.container().equals("Parquet")) {
                assertThat(rows.get(i).line()).isEqualTo(i + 1);
            }
        }
    }

    /** Numbers by their value and not by the class that holds them. */
    private static int compare(JsonNode a, JsonNode b) {
        boolean integers = a.isIntegralNumber() && b.isIntegralNumber();
        if (integers && a.bigIntegerValue().equals(b.bigIntegerValue())) {
            return 0;
        }
        boolean text = a.isTextual() && b.isTextual() && a.textValue().equals(b.textValue());
        boolean number = a.isNumber() && b.isNumber() && !integers && a.doubleValue() == b.doubleValue();
        return text || number || a.equals(b) ? 0 : 1;
    }
}
