package org.rlhf4j.preference.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonLine;
import org.rlhf4j.testing.Property;

final class TableInputTest {
    @Test
    void quotesLineEndsAndDelimitersInCellsAreText() {
        List<JsonLine> rows = rows("prompt,chosen\r\n\"a, \"\"b\"\"\r\nc\",d\r\n\r\ne,\"\"\r\nf\",g\"h");
        assertThat(rows.get(0).orThrow().path("prompt").textValue()).isEqualTo("a, \"b\"\r\nc");
        assertThat(rows.get(0).orThrow().path("prompt")).isInstanceOf(CellNode.class);
        assertThat(rows.get(0).orThrow().path("chosen").textValue()).isEqualTo("d");
        assertThat(rows.get(1).orThrow()).isEqualTo(Json.object().set("prompt", new CellNode("e")));
        assertThat(rows.get(2).orThrow().path("chosen").textValue()).isEqualTo("g\"h");
        assertThat(rows).extracting(JsonLine::line).containsExactly(2L, 5L, 6L);
    }

    @Test
    void everyTableComesBack() {
        Property.forAll(400, draws -> draws.list(1, 6, d -> d.list(3, 3, e -> e.text(6))), table -> {
            for (char delimiter : new char[] {',', '\t', ';'}) {
                for (String end : List.of("\n", "\r\n")) {
                    String text = "a" + delimiter + "b" + delimiter + "c" + end
                            + table.stream().map(row -> line(row, delimiter)).collect(Collectors.joining(end));
                    List<List<String>> found = rows(text).stream()
                            .map(row -> cells((ObjectNode) row.orThrow()))
                            .toList();
                    assertThat(found).isEqualTo(table);
                }
            }
        });
    }

    @Test
    void aRowOfAnotherLengthIsBadAndTheNextOneIsRead() {
        List<JsonLine> rows = rows("a,b\n1,2\n1\n1,2,3\n3,4\n");
        assertThat(rows.get(1).problem())
                .hasValueSatisfying(e -> assertThat(e).hasMessage("f:3: has 1 cells where the header has 2 columns"));
        assertThat(rows.get(2).problem())
                .hasValueSatisfying(e -> assertThat(e).hasMessage("f:4: has 3 cells where the header has 2 columns"));
        assertThat(rows.get(3).orThrow().path("b").textValue()).isEqualTo("4");
    }

    @Test
    void badQuotesAndBytesThatAreNotUtf8AreBadRows() {
        List<JsonLine> rows = rows("a,b\n\"x\"y,2\n1,\u0001\n3,4\n\"open,5\n");
        assertThat(rows.get(0).problem())
                .hasValueSatisfying(e -> assertThat(e).hasMessageStartingWith("f:2: malformed CSV: "));
        assertThat(rows.get(1).orThrow().path("b").textValue()).isEqualTo("\u0001");
        assertThat(rows.get(3).problem())
                .hasValueSatisfying(
                        e -> assertThat(e).hasMessage("f:5: a quote is opened in this row and never closed"));

        byte[] bytes = "a,b\n1,?\n3,4\n".getBytes(StandardCharsets.UTF_8);
        bytes[6] = (byte) 0xFF;
        List<JsonLine> damaged = rows(bytes);
        assertThat(damaged.get(0).problem())
                .hasValueSatisfying(e -> assertThat(e).hasMessage("f:2: invalid UTF-8 at byte 2 (hexadecimal FF)"));
        assertThat(damaged.get(1).problem()).isEmpty();
    }

    @Test
    void linesThatEndWithACarriageReturnAloneAreRefused() {
        assertThatThrownBy(() -> Containers.read(stream("a,b\r1,2\r3,4\r"), "t.csv"))
                .hasMessageStartingWith(
                        "t.csv:1: a carriage return (CR) stands outside quotes: lines must end with LF");
        List<JsonLine> rows = rows("a,b\r\n1,2\r3,4\n\"5\r\",6\r\n7,8\r");
        assertThat(rows.get(0).problem())
                .hasValueSatisfying(
                        e -> assertThat(e).hasMessageStartingWith("f:2: a carriage return (CR) stands outside quotes"));
        assertThat(rows.get(1).orThrow().path("a").textValue()).isEqualTo("5\r");
        assertThat(rows.get(2).orThrow().path("b").textValue()).isEqualTo("8");
    }

    @Test
    void aRowBeyondTheLimitIsBadAndNotKept() {
        String huge = "x".repeat(Json.Size.ROW.maxBytes());
        List<JsonLine> rows = rows("a,b\n" + huge + ",1\n2,3\n");
        assertThat(rows.get(0).problem())
                .hasValueSatisfying(e -> assertThat(e).hasMessage("f:2: the row is longer than 16777216 bytes"));
        assertThat(rows.get(1).orThrow().path("a").textValue()).isEqualTo("2");
    }

    @Test
    void aHeaderThatNamesAColumnTwiceIsRefused() {
        assertThatThrownBy(() -> Containers.read(stream("a,b,a\n1,2,3\n"), "t.csv"))
                .isInstanceOf(DataFormatException.class)
                .hasMessage("t.csv:1: the header names the column \"a\" twice");
        assertThatThrownBy(() -> Containers.read(stream("a,b,\n1,2,3\n"), "t.csv"))
                .hasMessage("t.csv:1: the header has no name for column 3");
    }

    @Test
    void moreColumnsThanTablesOfTextHaveAreRefused() {
        String header =
                java.util.stream.IntStream.range(0, 5000).mapToObj(i -> "c" + i).collect(Collectors.joining(","));
        assertThatThrownBy(() -> Containers.read(stream(header + "\n"), "t.csv"))
                .hasMessage("t.csv:1: has more than 4096 cells");
    }

    @Test
    void aTableWithoutRowsHasNone() {
        assertThat(rows("a,b\n")).isEmpty();
        assertThat(rows("\uFEFFa\tb")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Input text,Summary 1\nx,y\n", "Input text,Summary 1\na;b;c,y\n"})
    void theDelimiterIsToldFromTheHeaderAndTheFirstRow(String text) {
        try (RowInput input = Containers.read(stream(text), "f")) {
            assertThat(input.container()).isEqualTo("CSV");
        }
    }

    @Test
    void whatCannotBeToldIsRefusedUnlessTheNameTells() {
        assertThatThrownBy(() -> Containers.read(stream("a;x,b\n1;2,3\n"), "f"))
                .hasMessage(
                        "f: is a table, but its columns may be divided by commas or semicolons; name it .csv or .tsv"
                                + " to settle it");
        assertThat(container("a;x,b\n1;2,3\n", "f.csv")).isEqualTo("CSV");
        assertThatThrownBy(() -> Containers.read(stream("prompt\nWhy?\n"), "f"))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith("f: is neither JSON (it starts with \"prompt\", not with { or [) nor a table");
        assertThat(container("prompt\nWhy?\n", "f.csv")).isEqualTo("CSV");
        assertThat(container("prompt\nWhy?\n", "f.tsv")).isEqualTo("TSV");
        assertThat(container("prompt\nWhy?\n", "f.jsonl")).isEqualTo("JSON Lines");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n \n", "{\"a\":1}\n", " [1]", "12\n{\"a\":1}", "broken, row\n{\"a\":1}\n"})
    void jsonIsNoTable(String text) {
        assertThat(container(text, "f")).startsWith("JSON");
    }

    private static String container(String text, String name) {
        try (RowInput input = Containers.read(stream(text), name)) {
            return input.container();
        }
    }

    private static ByteArrayInputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<JsonLine> rows(String text) {
        return rows(text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<JsonLine> rows(byte[] bytes) {
        try (RowInput input = Containers.read(new ByteArrayInputStream(bytes), "f")) {
            List<JsonLine> rows = new ArrayList<>();
            input.forEachRemaining(rows::add);
            return rows;
        }
    }

    private static String line(List<String> row, char delimiter) {
        return row.stream()
                .map(cell -> '"' + cell.replace("\"", "\"\"") + '"')
                .collect(Collectors.joining("" + delimiter));
    }

    private static List<String> cells(ObjectNode row) {
        return List.of(
                row.path("a").asText(""),
                row.path("b").asText(""),
                row.path("c").asText(""));
    }
}
