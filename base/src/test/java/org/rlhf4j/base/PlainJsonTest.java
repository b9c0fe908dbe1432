package org.rlhf4j.base;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fast reader of rows gives what the strict parser gives, or nothing. */
class PlainJsonTest {
    private static final int MUTANTS = 200_000;

    private static final String[] SEEDS = {
        "{\"prompt\":\"What is 2 + 2?\",\"chosen\":\"Four.\\n\\n\\\"4\\\"\",\"rejected\":\"\\u0046ive\",\"margin\":-0.25}",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"na\u00efve \u5b57 \ud83d\ude42\"},{\"role\":\"assistant\",\"content\":\"\"}],"
                + "\"n\":[1,-20,0,true,false,null,{}],\"x\":1.5}",
        " [ \"\\ud83d\\ude42 \\/ \\b\\f\\r\\t \\\\\" , 123456789 , \"a longer text without anything special in it\" ] ",
    };

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "\"\"",
                "{\"a\":{\"b\":[[],{}]}}",
                "-1",
                "0.5",
                "-0.0",
                "[999999999,-999999999,123456.123456789]",
                "\"\\u00e9\\u4e00\\ud83d\\ude42\\ufffd\\u0000\"",
                "\"\u00e9\u4e00\ud83d\ude42\ufffd\u2028\u007f\"",
            })
    void whatIsPlainIsReadAsTheStrictParserReadsIt(String json) {
        assertThat(PlainJson.parse(utf8(json))).isNotNull().isEqualTo(Json.parse(json));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "\ufeff{}",
                "{\"a\":1,\"a\":1}",
                "{} {}",
                "{\"a\":1,}",
                "[1,]",
                "01",
                "-",
                "-0",
                "1.",
                ".5",
                "1e3",
                "1E400",
                "1234567890",
                "NaN",
                "nul",
                "truex",
                "\"",
                "\"\\",
                "\"\\u12",
                "\"\\x\"",
                "\"\\ud800\"",
                "\"\\ude42\\ud83d\"",
                "\"\\ud83d\\n\"",
                "\"a\tb\"",
                "\"12345678\u0001\"",
                "{'a':1}",
                "{a:1}",
                "// no\n{}",
            })
    void whatIsRareOrWrongIsLeftToTheStrictParser(String json) {
        assertThat(PlainJson.parse(utf8(json))).isNull();
    }

    @Test
    void bytesThatAreNotUtf8AreLeftToTheStrictParser() {
        // A stray continuation, an overlong slash, half of a surrogate pair, beyond U+10FFFF, cut off before an escape.
        for (String hex : new String[] {"80", "C0AF", "EDA080", "F4908080", "E45C6E", "FF"}) {
            byte[] inside = HexFormat.of().parseHex("22" + hex + "22");
            assertThat(PlainJson.parse(inside)).as(hex).isNull();
        }
    }

    @Test
    void deepNestingIsLeftToTheStrictParser() {
        assertThat(PlainJson.parse(utf8("[".repeat(32) + "]".repeat(32)))).isNotNull();
        assertThat(PlainJson.parse(utf8("[".repeat(33) + "]".repeat(33)))).isNull();
    }

    @Test
    void everyMutantOfARowIsReadAlikeOrNotAtAll() {
        SeededStream draws = SeededStream.of(11, "plain-json");
        int read = 0;
        for (int i = 0; i < MUTANTS; i++) {
            byte[] row = mutant(utf8(SEEDS[draws.nextInt(SEEDS.length)]), draws);
            JsonNode plain = PlainJson.parse(row);
            if (plain != null) {
                read++;
                String text = Utf8.decode(row, 0, row.length);
                JsonNode strict = Json.parseText(text, Json.Size.ROW, 1);
                assertThat(plain).as(text).isEqualTo(strict);
                assertThat(Json.write(plain)).as(text).isEqualTo(Json.write(strict));
            }
        }
        // Enough of either, or the mutants would show nothing.
        assertThat(read).isBetween(MUTANTS / 10, MUTANTS * 9 / 10);
    }

    /** Up to three changes: a byte replaced, doubled or left out, or a piece of another place put in. */
    private static byte[] mutant(byte[] seed, SeededStream draws) {
        byte[] row = seed;
        for (int changes = draws.nextInt(4); changes > 0; changes--) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            int at = draws.nextInt(row.length);
            out.write(row, 0, at);
            switch (draws.nextInt(5)) {
                case 0 -> out.write(draws.nextInt(256));
                case 1 -> out.write("\"\\{}[],:u0e.-\n ".charAt(draws.nextInt(15)));
                case 2 -> {
                    out.write(row[at]);
                    out.write(row[at]);
                }
                case 3 -> {
                    int from = draws.nextInt(row.length);
                    out.write(row, from, Math.min(row.length - from, 1 + draws.nextInt(12)));
                }
                default -> {
                    // left out
                }
            }
            out.write(row, at + 1, row.length - at - 1);
            row = out.size() == 0 ? row : out.toByteArray();
        }
        return row;
    }

    @Test
    void aRowOfManyLengthsIsCutWhereItsStringsEnd() {
        for (int length = 0; length < 40; length++) {
            for (String end : new String[] {"", "\\n", "\u00e9", "\\u00e9", "\\\"", "\\\\"}) {
                String json = "{\"k\":\"" + "x".repeat(length) + end + "\",\"l\":\"" + end + "y".repeat(length) + "\"}";
                ObjectNode row = (ObjectNode) PlainJson.parse(utf8(json));
                assertThat(row).isEqualTo(Json.parse(json));
            }
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
