package org.rlhf4j.preference.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.Json;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.preference.read.RowScanner;

/** Each format on a small file written by hand to the schema that its source documents; see the README beside them. */
class FormatMiniaturesTest {
    /** What stands around the table in the documentation. */
    private static final String START = "<!-- formats -->\n";

    private static final String END = "<!-- end of formats -->";

    static Stream<String> names() {
        return RowFormat.all().stream().map(RowFormat::name);
    }

    @ParameterizedTest
    @MethodSource("names")
    void aMiniatureGivesTheRowsWrittenByHand(String name) {
        assertThat(read(name, "rows.jsonl")).isEqualTo(expected(name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "arena-table",
                "ultrafeedback",
                "ultrafeedback-binarized",
                "helpsteer2",
                "helpsteer2-preference",
                "helpsteer3-preference",
                "oasst-messages",
                "summarize-from-feedback",
                "webgpt",
                "shp",
                "nectar",
                "stepwise"
            })
    void asParquetOfDatasetsItGivesTheSame(String name) {
        assertThat(read(name, "rows.parquet")).isEqualTo(expected(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"table.csv", "table.tsv"})
    void asATableItGivesTheSame(String file) {
        assertThat(read("choice", file)).isEqualTo(expected("choice"));
    }

    /** Rows of Anthropic's hh-rlhf, which are no part of the project; the counts are those of the documentation. */
    @Test
    @Tag("slow")
    void theRealSampleIsReadAsItsFormat() {
        Path sample = Path.of("..", "..", "shared", "datasets", "hh-rlhf-harmless-base-800.jsonl.gz");
        assertThat(sample).as("the first 800 rows of harmless-base/test").exists();
        int pairs = 0;
        int refused = 0;
        try (RowScanner scanner = RowScanner.open(new DataSource.File(sample), ReadOptions.DETECT)) {
            assertThat(scanner.requireFormat().name()).isEqualTo("hh-rlhf");
            for (RowScanner.Scanned row = scanner.next(); row != null; row = scanner.next()) {
                pairs += row.parsed().rows().size();
                refused += row.parsed().isRefused() ? 1 : 0;
            }
        }
        assertThat(List.of(pairs, refused)).containsExactly(798, 2);
    }

    private static List<String> expected(String name) {
        return objects(name, "expected").stream().map(Json::write).toList();
    }

    private static List<String> read(String name, String file) {
        List<String> rows = new ArrayList<>();
        DataSource source = new DataSource.File(path(name, file));
        try (RowScanner scanner = RowScanner.open(source, ReadOptions.DETECT)) {
            assertThat(scanner.requireFormat().name()).isEqualTo(name);
            for (RowScanner.Scanned row = scanner.next(); row != null; row = scanner.next()) {
                assertThat(row.parsed().isRefused()).as("%s", row.parsed()).isFalse();
                row.parsed().rows().forEach(typed -> {
                    assertThat(typed.kind()).isEqualTo(RowFormat.named(name).kind());
                    rows.add(Json.write(typed.toJson()));
                });
            }
        }
        return rows;
    }

    @ParameterizedTest
    @MethodSource("names")
    void noOtherFormatTakesItsRows(String name) {
        for (ObjectNode row : objects(name, "rows")) {
            List<RowFormat> fitting = RowFormat.all().stream()
                    .filter(format -> format.evidence(row) != null)
                    .toList();
            assertThat(fitting.stream().filter(format -> fitting.size() == 1 || !format.isGeneral()))
                    .extracting(RowFormat::name)
                    .as("%s", row)
                    .containsExactly(name);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void nothingButFieldsThatAreNotThereGoesUnreported(String name) {
        // What a format neither uses nor reports would be dropped without a word.
        for (ObjectNode row : objects(name, "rows")) {
            ObjectNode more = row.deepCopy();
            more.put("a field of our own", 1);
            ParsedRow parsed = RowFormat.named(name).parse(more);
            assertThat(parsed.isRefused()).isFalse();
            assertThat(parsed.unused()).contains("a field of our own");
        }
    }

    @Test
    void theTableInTheDocumentationIsTrue() throws IOException {
        Path file = Path.of("..", "docs", "preference-data.md");
        String docs = Files.readString(file);
        assertThat(docs).contains(START, END);
        String table = docs.substring(docs.indexOf(START) + START.length(), docs.indexOf(END));
        assertThat(table).isEqualTo(table());
    }

    private static String table() {
        StringBuilder table = new StringBuilder("| format | a row | becomes | detected by | in, out | schema |\n");
        table.append("|---|---|---|---|---|---|\n");
        for (RowFormat format : RowFormat.all()) {
            List<ObjectNode> rows = objects(format.name(), "rows");
            Set<String> evidence = new TreeSet<>();
            rows.forEach(row -> evidence.add(Objects.requireNonNull(format.evidence(row))));
            int out = objects(format.name(), "expected").size();
            table.append("| `")
                    .append(format.name())
                    .append("` | `")
                    .append(format.layout().replace("|", "\\|"));
            table.append("` | ").append(format.kind().plural()).append(" | ");
            table.append(String.join("; ", evidence)).append(" | ");
            table.append(rows.size()).append(", ").append(out).append(" | ");
            table.append(format.schema()).append(" |\n");
        }
        return table.toString();
    }

    static List<ObjectNode> objects(String name, String file) {
        try (Stream<String> lines = Files.lines(path(name, file + ".jsonl"))) {
            return lines.map(line -> (ObjectNode) Json.parse(line)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path path(String name, String file) {
        String resource = "/formats/" + name + "/" + file;
        try {
            return Path.of(Objects.requireNonNull(FormatMiniaturesTest.class.getResource(resource), resource)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
