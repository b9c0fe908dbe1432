package org.rlhf4j.preference.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlhf4j.base.Json;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.preference.read.RowScanner;

/** Each format on a small file written by hand to the schema that its source documents; see the README beside them. */
class FormatMiniaturesTest {
    /** A format as the table in the documentation shows it. */
    private static final String START = "<!-- formats -->\n";

    private static final String END = "<!-- end of formats -->";

    static Stream<String> names() {
        return RowFormat.all().stream().map(RowFormat::name);
    }

    @ParameterizedTest
    @MethodSource("names")
    void aMiniatureGivesTheRowsWrittenByHand(String name) {
        List<String> rows = new ArrayList<>();
        try (RowScanner scanner = open(name)) {
            assertThat(scanner.requireFormat().name()).isEqualTo(name);
            for (RowScanner.Scanned row = scanner.next(); row != null; row = scanner.next()) {
                assertThat(row.parsed().isRefused()).as("%s", row.parsed()).isFalse();
                row.parsed().rows().forEach(typed -> {
                    assertThat(typed.kind()).isEqualTo(RowFormat.named(name).kind());
                    rows.add(Json.write(typed.toJson()));
                });
            }
        }
        assertThat(rows)
                .isEqualTo(objects(name, "expected").stream().map(Json::write).toList());
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

    static RowScanner open(String name) {
        InputStream stream = Objects.requireNonNull(stream(name, "rows"));
        return RowScanner.open(new DataSource.Stream(stream, name + "/rows.jsonl"), ReadOptions.DETECT);
    }

    static List<ObjectNode> objects(String name, String file) {
        try (InputStream stream = stream(name, file)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> (ObjectNode) Json.parse(line))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream stream(String name, String file) {
        String path = "/formats/" + name + "/" + file + ".jsonl";
        return Objects.requireNonNull(FormatMiniaturesTest.class.getResourceAsStream(path), path);
    }
}
