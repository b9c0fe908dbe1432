package org.rlhf4j.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.testing.Property;

final class JsonTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "true",
                "0",
                "-0",
                "1.5e-7",
                "\"\"",
                "[]",
                "{}",
                " {\"a\" : [1, {\"b\": null}]}\n",
                "\"\\u00e9\\ud83d\\ude00\"",
                "1e308",
                "123456789012345678901234567890",
                "{\"a\":1,\"b\":{\"a\":2}}"
            })
    void whatTheStandardAllowsIsRead(String json) {
        assertThat(Json.parse(json)).isNotNull();
    }

    /** Each row: the text, and a part of the reason. */
    @TestFactory
    Stream<DynamicTest> whatTheStandardForbidsIsRefusedOnOneShortLine() {
        String[][] cases = {
            {"", "is empty"},
            {" \n", "is empty"},
            {"{\"a\":1,\"a\":2}", "Duplicate field 'a' (column"},
            {"{\"o\":{\"a\":1,\"b\":2,\"a\":3}}", "Duplicate field 'a' (column"},
            {"{} {}", "more text after the JSON value"},
            {"{}x", "malformed JSON"},
            {"1 2", "more text after the JSON value"},
            {"[1,]", "malformed JSON"},
            {"{\"a\":1,}", "malformed JSON"},
            {"{a:1}", "malformed JSON"},
            {"{'a':1}", "malformed JSON"},
            {"{\"a\" 1}", "malformed JSON"},
            {"[1", "malformed JSON: Unexpected end-of-input"},
            {"{\"a\":", "malformed JSON: Unexpected end-of-input"},
            {"\"abc", "malformed JSON: Unexpected end-of-input"},
            {"[1}", "malformed JSON"},
            {"NaN", "malformed JSON: Non-standard token 'NaN' is not JSON"},
            {"[-Infinity]", "malformed JSON: Non-standard token '-Infinity' is not JSON"},
            {"nul", "malformed JSON: Unrecognized token 'nul'"},
            {"01", "malformed JSON"},
            {"+1", "malformed JSON"},
            {".5", "malformed JSON"},
            {"1.", "malformed JSON"},
            {"0x1F", "malformed JSON"},
            {"// note\n1", "malformed JSON"},
            {"/* note */ 1", "malformed JSON"},
            {"\"a\nb\"", "malformed JSON: Illegal unquoted character"},
            {"\"a\u0000b\"", "malformed JSON: Illegal unquoted character"},
            {"\"\\x\"", "malformed JSON: Unrecognized character escape"},
            {"1e400", "the number overflows a double (column 1)"},
            {"[0, -1e400]", "the number overflows a double (column 5)"},
            {"{\"a\":[{\"b\":1e999}]}", "the number overflows a double (column 12)"},
            {"1" + "0".repeat(400), "the number overflows a double"},
            {"1".repeat(1001), "beyond the limits of JSON here"},
            {"\"\\ud800\"", "the string has half of a surrogate pair"},
            {"[\"ok\", \"\\udc00\"]", "the string has half of a surrogate pair, which is no character (column 8)"},
            {"\"\\ude00\\ud83d\"", "the string has half of a surrogate pair"},
            {"{\"\\ud800\": 1}", "malformed JSON: Broken surrogate pair"},
            {"{\"\\udc00\": 1}", "surrogate"},
            {"{\"\ud800\": 1}", "surrogate"},
            {"\"\ud800\"", "the string has half of a surrogate pair"},
            {"[".repeat(129) + "]".repeat(129), "beyond the limits of JSON here"},
            {"\uFEFF\uFEFF1", "malformed JSON"},
        };
        return Stream.of(cases)
                .map(row -> DynamicTest.dynamicTest(visible(row[0]), () -> {
                    DataFormatException e = catchThrowableOfType(DataFormatException.class, () -> Json.parse(row[0]));
                    assertThat(e).as("accepted").isNotNull();
                    assertThat(e.reason())
                            .contains(row[1])
                            .hasSizeLessThan(300)
                            .doesNotContain("\n", "Source", "StreamRead", "`", "JsonParser");
                }));
    }

    @Test
    void nestingOf128IsRead() {
        assertThat(Json.parse("[".repeat(128) + "]".repeat(128)).isArray()).isTrue();
    }

    @Test
    void aProblemOnALaterLineNamesThatLineAndItsColumn() {
        DataFormatException e =
                catchThrowableOfType(DataFormatException.class, () -> Json.parse("{\n  \"a\": 1,\n  \"b\": tru\n}"));
        assertThat(e.line()).isEqualTo(3);
        assertThat(e.file()).isEmpty();
        assertThat(e).hasMessageStartingWith("line 3: malformed JSON: Unrecognized token 'tru'");
    }

    @Test
    void aProblemOnTheFirstLineNamesTheColumnOnly() {
        assertThatThrownBy(() -> Json.parse("{\"a\": tru}"))
                .hasMessageStartingWith("malformed JSON: Unrecognized token 'tru'")
                .hasMessageEndingWith("(column 7)");
    }

    /** Bytes in hexadecimal, and the offset of the first that is wrong. */
    @ParameterizedTest
    @CsvSource({
        "22C08022, 1", // overlong NUL
        "22E0808022, 1", // overlong in three bytes
        "22F080808022, 1", // overlong in four bytes
        "22EDA08022, 1", // an encoded surrogate
        "22F490808022, 1", // beyond U+10FFFF
        "2261FF22, 2", // never a byte of UTF-8
        "226180, 2", // a continuation without a start
        "22C3A9C3, 3", // cut off within a character
        "22EFBFBDFF22, 4", // a genuine U+FFFD before the damage
    })
    void bytesThatAreNotUtf8AreRefusedWithTheirOffset(String hex, int offset) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        assertThatThrownBy(() -> Json.parse(bytes))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith("invalid UTF-8 at byte " + offset + " (hexadecimal ");
    }

    @Test
    void damageFarIntoTheTextIsFound() {
        byte[] bytes = ("\"" + "\uFFFD".repeat(30_000) + "x\"").getBytes(StandardCharsets.UTF_8);
        assertThat(Json.parse(bytes).textValue()).hasSize(30_001);
        bytes[90_001] = (byte) 0x80;
        assertThatThrownBy(() -> Json.parse(bytes)).hasMessageStartingWith("invalid UTF-8 at byte 90001 ");
    }

    @Test
    void aReplacementCharacterThatWasWrittenIsText() {
        byte[] bytes = HexFormat.of().parseHex("22EFBFBD22");
        assertThat(Json.parse(bytes).textValue()).isEqualTo("\uFFFD");
    }

    @ParameterizedTest
    @ValueSource(strings = {"FEFF007B007D", "FFFE7B007D00", "7B007D00", "007B007D"})
    void utf16IsRefusedByName(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        assertThatThrownBy(() -> Json.parse(bytes)).hasMessageContaining("is UTF-16 or UTF-32, must be UTF-8");
    }

    @Test
    void oneByteOrderMarkIsSkipped() {
        assertThat(Json.parse("\uFEFF{}".getBytes(StandardCharsets.UTF_8)).isObject())
                .isTrue();
        assertThat(Json.parse("\uFEFF{}").isObject()).isTrue();
        assertThatThrownBy(() -> Json.parse("\uFEFF\uFEFF{}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(DataFormatException.class);
    }

    @Test
    void aRowIsLimitedAndADocumentLess() {
        String large = "\"" + "x".repeat(Json.Size.ROW.maxBytes()) + "\"";
        assertThatThrownBy(() -> Json.parse(large, Json.Size.ROW)).hasMessage("is larger than 16 MiB");
        assertThatThrownBy(() -> Json.parse(large.getBytes(StandardCharsets.UTF_8), Json.Size.ROW))
                .hasMessage("is larger than 16 MiB");
        assertThat(Json.parse(large).textValue()).hasSize(Json.Size.ROW.maxBytes());
    }

    @Test
    void manySmallTokensOfATokenizerFileAreRead() {
        StringBuilder json = new StringBuilder("{\"vocab\":{");
        for (int i = 0; i < 200_000; i++) {
            json.append(i == 0 ? "" : ",")
                    .append("\"token")
                    .append(i)
                    .append("\":")
                    .append(i);
        }
        JsonNode vocabulary =
                Json.parse(json.append("}}").toString(), Json.Size.DOCUMENT).get("vocab");
        assertThat(vocabulary.size()).isEqualTo(200_000);
    }

    @Test
    void typeNamesInTheTextStayText() {
        JsonNode node = Json.parse("{\"@class\":\"java.net.URL\",\"@type\":\"x\",\"a\":[\"java.lang.Runtime\",{}]}");
        assertThat(node.get("@class").textValue()).isEqualTo("java.net.URL");
        assertThat(node.get("a").get(0).textValue()).isEqualTo("java.lang.Runtime");
    }

    @Test
    void integersKeepEveryDigit() {
        assertThat(Json.write(Json.parse("[9007199254740993,123456789012345678901234567890]")))
                .isEqualTo("[9007199254740993,123456789012345678901234567890]");
    }

    @Test
    void aFileIsReadWithItsNameInEveryError(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("config.json");
        Files.writeString(file, "\uFEFF{\n\"a\": 1\n}\n");
        assertThat(Json.read(file).get("a").intValue()).isEqualTo(1);

        Files.writeString(file, "{\n\"a\": 1,\n}\n");
        assertThatThrownBy(() -> Json.read(file))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith(file + ":3: malformed JSON");

        Files.writeString(file, "{\"a\": 1e400}");
        assertThatThrownBy(() -> Json.read(file)).hasMessage(file + ":1: the number overflows a double (column 7)");

        Files.writeString(file, "");
        assertThatThrownBy(() -> Json.read(file)).hasMessage(file + ": is empty where a JSON value was expected");

        Files.write(file, new byte[] {'"', (byte) 0xFF, '"'});
        assertThatThrownBy(() -> Json.read(file)).hasMessage(file + ": invalid UTF-8 at byte 1 (hexadecimal FF)");

        assertThatThrownBy(() -> Json.read(directory)).hasMessage(directory + ": is a directory, not a file");
        Path none = directory.resolve("none.json");
        assertThatThrownBy(() -> Json.read(none)).hasMessage(none + ": there is no such file");
    }

    @Test
    void aFileBeyondTheLimitIsRefusedBeforeItIsRead(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("huge.json");
        try (var channel = java.nio.channels.FileChannel.open(
                file, java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.WRITE)) {
            channel.write(java.nio.ByteBuffer.wrap(new byte[1]), 1L << 40);
        }
        assertThatThrownBy(() -> Json.read(file)).hasMessage(file + ": is larger than 256 MiB");
    }

    @Test
    void kindsAreNamedWithTheirArticle() {
        JsonNode values = Json.parse("[\"\",1,1.5,true,false,[],{},null]");
        assertThat(values)
                .map(Json::describe)
                .containsExactly(
                        "a string",
                        "an integer",
                        "a number with a fraction",
                        "true",
                        "false",
                        "an array",
                        "an object",
                        "null");
        assertThat(Json.describe(null)).isEqualTo("missing");
        assertThat(Json.describe(values.path(99))).isEqualTo("missing");
    }

    @Test
    void damagedTextIsReadOrRefusedButNothingElse() {
        byte[] good = "{\"a\":[1,-2.5e3,true,null,\"x\\u00e9\\n😀\"],\"b\":{\"c\":\"\",\"d\":[[],{}]}}"
                .getBytes(StandardCharsets.UTF_8);
        Property.forAll(
                5_000,
                draws -> {
                    byte[] damaged = good.clone();
                    draws.list(1, 6, d -> damaged[d.between(0, good.length - 1)] = (byte) d.choose(256));
                    return Arrays.copyOf(damaged, good.length - draws.between(0, 5));
                },
                damaged -> {
                    try {
                        assertThat(Json.parse(damaged)).isNotNull();
                    } catch (DataFormatException e) {
                        assertThat(e.reason()).hasSizeLessThan(300).doesNotContain("\n", "Source", "StreamRead");
                    }
                });
    }

    private static String visible(String text) {
        String shown = text.length() > 40 ? text.substring(0, 40) + "..." : text;
        StringBuilder escaped = new StringBuilder();
        shown.chars()
                .forEach(c -> escaped.append(
                        c >= ' ' && c < 127 ? String.valueOf((char) c) : String.format(Locale.ROOT, "<%04X>", c)));
        return escaped.isEmpty() ? "(nothing)" : escaped.toString();
    }

    @Test
    void messagesAboutCharactersBeyond16BitsCanBeWritten() {
        assertThatThrownBy(() -> Json.parse("\uD83D\uDE00"))
                .isInstanceOf(DataFormatException.class)
                .satisfies(e ->
                        assertThat(Json.write(String.valueOf(e.getMessage()))).contains("\uFFFD"));
        // The cut of a long message falls between the halves of a character.
        assertThatThrownBy(() -> Json.parse("{\"" + "a\uD83D\uDE00".repeat(120) + "\":x}"))
                .satisfies(e -> Json.write(String.valueOf(e.getMessage())));
        String key = "\uD83D\uDE00".repeat(120);
        for (String shift : List.of("", "a")) {
            assertThatThrownBy(() -> Json.parse("{\"" + shift + key + "\":1,\"" + shift + key + "\":2}"))
                    .satisfies(e -> Json.write(String.valueOf(e.getMessage())));
        }
    }
}
