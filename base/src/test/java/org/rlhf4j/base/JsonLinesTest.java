package org.rlhf4j.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.rlhf4j.base.DataFiles.concatenate;
import static org.rlhf4j.base.DataFiles.gzip;
import static org.rlhf4j.base.DataFiles.rows;
import static org.rlhf4j.base.DataFiles.utf8;
import static org.rlhf4j.base.DataFiles.zstd;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlhf4j.testing.Property;

final class JsonLinesTest {
    @Test
    void theSameRowsComeOutOfEveryPackaging() {
        Property.forAll(
                200, draws -> draws.list(8, d -> (JsonNode) Json.object().put(d.text(3), d.text(12))), values -> {
                    List<String> json = values.stream().map(Json::write).toList();
                    String lines = String.join("\n", json);
                    String pretty = values.stream().map(Json::pretty).collect(Collectors.joining(", "));
                    int half = json.size() / 2;
                    for (byte[] file : List.of(
                            utf8(lines),
                            utf8(lines + "\n"),
                            utf8(String.join("\r\n", json) + "\r\n"),
                            utf8("\uFEFF" + lines),
                            utf8("\n  \t\r\n" + String.join("\n\n \r\n", json) + "\n\n"),
                            gzip(utf8(lines)),
                            concatenate(
                                    gzip(utf8(String.join("\n", json.subList(0, half)) + "\n")),
                                    gzip(new byte[0]),
                                    gzip(utf8(String.join("\n", json.subList(half, json.size()))))),
                            concatenate(gzip(utf8(lines)), new byte[512]),
                            zstd(utf8(lines)),
                            concatenate(
                                    zstd(utf8(String.join("\n", json.subList(0, half)) + "\n")),
                                    zstd(new byte[0]),
                                    zstd(utf8(String.join("\n", json.subList(half, json.size()))))),
                            utf8("[" + String.join(",", json) + "]"),
                            utf8("\uFEFF \r\n[\n" + String.join(",\r\n", json) + "\n]\n\n"),
                            utf8("[" + pretty + "]"),
                            gzip(utf8("[" + pretty + "]")),
                            zstd(utf8("[" + pretty + "]")))) {
                        assertThat(rows(file)).map(JsonLine::orThrow).isEqualTo(values);
                    }
                });
    }

    @Test
    void howTheBytesArriveDoesNotMatter() {
        byte[] plain = utf8("\uFEFF\n{\"a\":\"é😀\"}\r\n\n[1]\n");
        byte[] array = utf8("[ {\"a\":\"é😀\"},\n[1]]");
        for (byte[] file : List.of(plain, gzip(plain), zstd(plain), array, gzip(array), zstd(array))) {
            for (int most = 1; most < 8; most++) {
                try (JsonLines lines = JsonLines.read(DataFiles.dribble(file, most), "pipe")) {
                    assertThat(lines.next().orThrow().path("a").textValue()).isEqualTo("é😀");
                    assertThat(lines.next().orThrow().path(0).intValue()).isEqualTo(1);
                    assertThat(lines.hasNext()).isFalse();
                }
            }
        }
    }

    @Test
    void rowsLargerThanEveryBufferAreRead() {
        List<String> json = new ArrayList<>();
        for (int size : new int[] {1, 65_534, 65_535, 65_536, 65_537, 200_000, 3, 1_500_000, 4}) {
            json.add("{\"text\":\"" + "x".repeat(size) + "\"}");
        }
        for (byte[] file : List.of(utf8(String.join("\n", json)), utf8("[" + String.join(",\n", json) + "]"))) {
            assertThat(rows(file)).map(row -> Json.write(row.orThrow())).isEqualTo(json);
        }
    }

    @Test
    void linesAreCountedFromOneWithBlankOnes() {
        assertThat(rows("\n1\n\n \r\n2\n3")).map(JsonLine::line).containsExactly(2L, 5L, 6L);
        assertThat(rows("[1,\n 2, 3,\n\n4]")).map(JsonLine::line).containsExactly(1L, 2L, 2L, 4L);
        assertThat(rows("\n\n[\n1]")).map(JsonLine::line).containsExactly(4L);
    }

    @Test
    void charactersThatOtherReadersTakeForLineEndsStayInTheirString() {
        String text = "a\u2028b\u2029c\u0085d\u000Be\u000Cf";
        // JSON wants control characters escaped; the separators may stand as they are.
        String json = "{\"t\":\"" + text.replace("\u000B", "\\u000b").replace("\f", "\\f") + "\"}";
        assertThat(rows(json + "\n" + json))
                .hasSize(2)
                .allSatisfy(row -> assertThat(row.fields().text("t")).isEqualTo(text));
    }

    @Test
    void aLoneCarriageReturnEndsNoLine() {
        assertThat(rows("{\"a\":\r1}\n2")).map(JsonLine::line).containsExactly(1L, 2L);
        assertThat(rows("1\r2\n").get(0).problem())
                .get()
                .satisfies(e -> assertThat(e.reason()).contains("more text after the JSON value"));
    }

    @Test
    void aBadRowIsNamedAndReadingGoesOn() {
        List<JsonLine> rows = rows("{\"a\":1}\n{\"a\":1,\"a\":2}\n{\"a\":}\n\n{\"a\":3}\n");
        assertThat(rows).map(row -> row instanceof JsonLine.Value).containsExactly(true, false, false, true);
        assertThat(rows).map(JsonLine::line).containsExactly(1L, 2L, 3L, 5L);
        assertThat(rows.get(1).problem())
                .get()
                .satisfies(e -> assertThat(e)
                        .hasMessageStartingWith("data.jsonl:2: malformed JSON: Duplicate field 'a' (column "));
        assertThatThrownBy(() -> rows.get(2).orThrow())
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith("data.jsonl:3: malformed JSON");
        assertThatThrownBy(() -> rows.get(2).fields()).hasMessageStartingWith("data.jsonl:3: ");
        assertThat(rows.get(3).problem()).isEmpty();
    }

    @Test
    void aBadElementOfAnArrayIsNamedAndReadingGoesOn() {
        List<JsonLine> rows = rows("[{\"a\":1}, {\"a\":NaN},\n{\"b\"\n:\n1e400},\n, \"x]y,\\\"z\\\\\", {]}, 7,]");
        assertThat(rows)
                .map(row -> row instanceof JsonLine.Value)
                .containsExactly(true, false, false, false, true, false, true, false);
        assertThat(rows.get(1).problem().orElseThrow())
                .hasMessageStartingWith("data.jsonl:1: malformed JSON: Non-standard token 'NaN'")
                .hasMessageEndingWith("(column 19)");
        // The row starts on line 2, its number stands on line 4.
        assertThat(rows.get(2).line()).isEqualTo(2);
        assertThat(rows.get(2).problem().orElseThrow())
                .hasMessage("data.jsonl:4: the number overflows a double (column 1)");
        assertThat(rows.get(3).problem().orElseThrow())
                .hasMessage("data.jsonl:5: is empty where a JSON value was expected");
        assertThat(rows.get(4).orThrow().textValue()).isEqualTo("x]y,\"z\\");
        assertThat(rows.get(7).problem()).isPresent();
    }

    @Test
    void bytesThatAreNotUtf8SpoilOneRowOnly() {
        byte[] file = concatenate(utf8("1\n\"ab"), new byte[] {(byte) 0xC0, (byte) 0x80}, utf8("\"\n3"));
        List<JsonLine> rows = rows(file);
        assertThat(rows).hasSize(3);
        assertThat(rows.get(1).problem().orElseThrow())
                .hasMessage("data.jsonl:2: invalid UTF-8 at byte 3 (hexadecimal C0)");
        assertThat(rows.get(2).orThrow().intValue()).isEqualTo(3);
    }

    @Test
    void aByteOrderMarkBelongsAtTheStartOnly() {
        List<JsonLine> rows = rows("\uFEFF1\n\uFEFF2\n3");
        assertThat(rows).map(row -> row instanceof JsonLine.Value).containsExactly(true, false, true);
    }

    @Test
    void aRowBeyondTheLimitIsBadAndTheNextOneIsRead() {
        JsonLines.Limits small = new JsonLines.Limits(10, 1 << 20, 200);
        for (String file : List.of("\"12345678\"\n\"123456789\"\n\"ok\"", "[\"12345678\",\n\"123456789\",\n\"ok\"]")) {
            try (JsonLines lines = JsonLines.read(new ByteArrayInputStream(utf8(file)), "f", small)) {
                assertThat(lines.next().orThrow().textValue()).isEqualTo("12345678");
                assertThat(lines.next().problem().orElseThrow()).hasMessage("f:2: the row is longer than 10 bytes");
                assertThat(lines.next().orThrow().textValue()).isEqualTo("ok");
                assertThat(lines.hasNext()).isFalse();
            }
        }
    }

    @Test
    void fiftyMebibytesWithoutALineEndAreOneBadRow() {
        InputStream endless = new InputStream() {
            private long left = 50L << 20;

            @Override
            public int read() {
                return left-- > 0 ? 'x' : -1;
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                int count = (int) Math.min(left, length);
                java.util.Arrays.fill(target, offset, offset + count, (byte) 'x');
                left -= count;
                return count == 0 ? -1 : count;
            }
        };
        try (JsonLines lines = JsonLines.read(endless, "f")) {
            assertThat(lines.next().problem().orElseThrow()).hasMessage("f:1: the row is longer than 16777216 bytes");
            assertThat(lines.hasNext()).isFalse();
        }
    }

    @Test
    void limitsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new JsonLines.Limits(0, 1, 1)).hasMessageStartingWith("maxRowBytes is 0");
        assertThatThrownBy(() -> new JsonLines.Limits(Integer.MAX_VALUE, 1, 1))
                .hasMessageStartingWith("maxRowBytes is 2147483647");
        assertThatThrownBy(() -> new JsonLines.Limits(1, 0, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anArrayThatIsNotClosedEndsWithTheLastGoodRow() {
        for (String file : List.of("[1,\n2,\n{\"a\":", "[1,\n2,\n", "[1,\n2,\n3", "[1,\n2,\n\"a\\")) {
            try (JsonLines lines = JsonLines.read(new ByteArrayInputStream(utf8(file)), "f.json")) {
                assertThat(lines.next().orThrow().intValue()).isEqualTo(1);
                assertThat(lines.next().orThrow().intValue()).isEqualTo(2);
                String message = "f.json:3: the array ends before its closing bracket; the last good row is on line 2";
                assertThatThrownBy(lines::hasNext)
                        .isInstanceOf(DataFormatException.class)
                        .hasMessage(message);
                assertThatThrownBy(lines::next).hasMessage(message);
            }
        }
    }

    @Test
    void textAfterAnArrayIsAnError() {
        DataFormatException e = catchThrowableOfType(DataFormatException.class, () -> rows("[1]\n\n{}"));
        assertThat(e).hasMessageStartingWith("data.jsonl:3: there is more text after the array");
        assertThat(catchThrowableOfType(DataFormatException.class, () -> rows("[]]")))
                .isNotNull();
    }

    @Test
    void aFileWithoutRowsHasNone() {
        for (String file : List.of("", "\uFEFF", "\n\r\n  \n", "[]", " [ \n ] \n")) {
            assertThat(rows(file)).isEmpty();
            assertThat(rows(gzip(utf8(file)))).isEmpty();
            assertThat(rows(zstd(utf8(file)))).isEmpty();
        }
        try (JsonLines lines = JsonLines.read(InputStream.nullInputStream(), "f")) {
            assertThatThrownBy(lines::next)
                    .isInstanceOf(NoSuchElementException.class)
                    .hasMessage("no more rows in f");
        }
    }

    /** The first bytes of a file, and how it is called. */
    @ParameterizedTest
    @CsvSource({
        "FEFF007B007D, is UTF-16 or UTF-32",
        "FFFE7B007D00, is UTF-16 or UTF-32",
        "7B0022006100, is UTF-16 or UTF-32",
        "504B030414000000, is a zip archive",
        "5041523115041500, is a Parquet file",
        "5041524515041500, is an encrypted Parquet file",
        "425A683931415926, is compressed by bzip2",
        "FD377A585A000000, is compressed by xz",
        "4152524F57310000, is an Arrow file",
        "80049503, is a Python pickle",
    })
    void otherFormatsAreRefusedByName(String hex, String reason) {
        byte[] start = java.util.HexFormat.of().parseHex(hex);
        assertThatThrownBy(() -> rows(start))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith("data.jsonl: " + reason)
                .hasMessageContaining("must be");
        assertThatThrownBy(() -> rows(gzip(start))).hasMessageStartingWith("data.jsonl: " + reason);
        assertThatThrownBy(() -> rows(zstd(start))).hasMessageStartingWith("data.jsonl: " + reason);
    }

    @Test
    void damagedFilesGiveRowsOrTypedErrorsAndNothingElse() {
        String lines = "{\"a\":\"x,y\"}\n[1,{\"b\":[]}]\r\n\n\"\\\"]\"\n7";
        List<byte[]> files =
                List.of(utf8(lines), utf8("[" + lines.replace("\n\n", "\n").replace("\n", ",\n") + "]"));
        Property.forAll(
                4_000,
                draws -> {
                    byte[] damaged = draws.pick(files).clone();
                    draws.list(
                            1,
                            5,
                            d -> damaged[d.between(0, damaged.length - 1)] =
                                    (byte) d.pick(List.of('"', '\\', '[', ']', '{', '}', ',', '\n', 'x', (char) 0xFF))
                                            .charValue());
                    return java.util.Arrays.copyOf(damaged, damaged.length - draws.between(0, 4));
                },
                damaged -> {
                    long before = 0;
                    try (JsonLines rows = JsonLines.read(new ByteArrayInputStream(damaged), "f")) {
                        while (rows.hasNext()) {
                            JsonLine row = rows.next();
                            assertThat(row.line()).isGreaterThanOrEqualTo(before);
                            before = row.line();
                            row.problem()
                                    .ifPresent(e -> assertThat(e.toString()).contains("f:"));
                        }
                    } catch (DataFormatException e) {
                        assertThat(e.file()).isEqualTo("f");
                    }
                });
    }

    @Test
    void theNameOfTheFileSaysNothing(@TempDir Path directory) throws Exception {
        Path gzipped = directory.resolve("rows.json");
        Files.write(gzipped, gzip(utf8("1\n2")));
        try (JsonLines lines = JsonLines.open(gzipped)) {
            assertThat(lines.isArray()).isFalse();
            assertThat(lines.next().file()).isEqualTo(gzipped.toString());
        }
        Path plain = directory.resolve("rows.jsonl.gz");
        Files.write(plain, utf8("[1]"));
        try (JsonLines lines = JsonLines.open(plain)) {
            assertThat(lines.isArray()).isTrue();
            assertThat(lines.file()).isEqualTo(plain.toString());
            assertThat(lines.next().line()).isEqualTo(1);
        }
    }

    @Test
    void aFileThatCannotBeOpenedIsNamed(@TempDir Path directory) {
        Path none = directory.resolve("none.jsonl");
        assertThatThrownBy(() -> JsonLines.open(none))
                .isInstanceOf(DataFormatException.class)
                .hasMessage(none + ": there is no such file");
        assertThatThrownBy(() -> JsonLines.open(directory)).hasMessage(directory + ": is a directory, not a file");
    }

    @Test
    void aFailingDiskIsNamedWithTheLastGoodRow() {
        AtomicBoolean closed = new AtomicBoolean();
        InputStream failing = new InputStream() {
            private final InputStream start = new ByteArrayInputStream(utf8("1\n2\n[3,4,5"));

            @Override
            public int read() throws IOException {
                int b = start.read();
                if (b < 0) {
                    throw new IOException("Input/output error");
                }
                return b;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                target[offset] = (byte) read();
                return 1;
            }

            @Override
            public void close() {
                closed.set(true);
            }
        };
        try (JsonLines lines = JsonLines.read(failing, "f")) {
            lines.next();
            lines.next();
            assertThatThrownBy(lines::hasNext)
                    .hasMessage("f:3: cannot be read: Input/output error; the last good row is on line 2");
        }
        assertThat(closed).isTrue();
    }

    @Test
    void aFileThatIsRefusedIsClosed() {
        AtomicBoolean closed = new AtomicBoolean();
        InputStream zip = new ByteArrayInputStream(utf8("PK-------")) {
            @Override
            public void close() {
                closed.set(true);
            }
        };
        assertThatThrownBy(() -> JsonLines.read(zip, "f")).isInstanceOf(DataFormatException.class);
        assertThat(closed).isTrue();
    }
}
