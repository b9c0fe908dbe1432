package org.rlhf4j.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rlhf4j.testing.Draws;
import org.rlhf4j.testing.Property;

final class JsonWriteTest {
    @Test
    void whateverIsWrittenIsReadBackTheSame() {
        Property.forAll(500, draws -> value(draws, 4), value -> {
            assertThat(Json.parse(Json.write(value))).isEqualTo(value);
            assertThat(Json.parse(Json.pretty(value))).isEqualTo(value);
            byte[] utf8 = Json.write(value).getBytes(StandardCharsets.UTF_8);
            assertThat(Json.parse(utf8)).isEqualTo(value);
            assertThat(Json.writeUtf8(value)).isEqualTo(utf8);
        });
    }

    @Test
    void oneLineHasNoSpacesAndNoLineEnd() {
        ObjectNode object = Json.object().put("b", 1.5).put("a", "x\ny");
        object.set("c", Json.array().add(1).addNull());
        assertThat(Json.write(object)).isEqualTo("{\"b\":1.5,\"a\":\"x\\ny\",\"c\":[1,null]}");
    }

    @Test
    void prettyIndentsByTwoSpacesAndEndsWithALineEnd() {
        ObjectNode object = Json.object().put("a", 1);
        object.set("c", Json.array().add(1).add(2));
        assertThat(Json.pretty(object)).isEqualTo("{\n  \"a\": 1,\n  \"c\": [\n    1,\n    2\n  ]\n}\n");
        assertThat(Json.pretty(object)).isEqualTo(Json.pretty(object));
    }

    @Test
    void recordsMapsAndListsAreWritten() {
        assertThat(Json.write(new Message("user", "hi"))).isEqualTo("{\"role\":\"user\",\"content\":\"hi\"}");
        assertThat(Json.write(List.of(Map.of("n", 1L)))).isEqualTo("[{\"n\":1}]");
    }

    @Test
    void whatIsNoNumberIsRefusedNotQuoted() {
        for (Object value : List.of(
                Double.NaN,
                Float.POSITIVE_INFINITY,
                Map.of("loss", Double.NEGATIVE_INFINITY),
                new double[] {1, Double.NaN},
                new float[] {Float.NaN},
                Json.object().put("loss", Double.NaN),
                Json.array().add(Float.NaN))) {
            assertThatThrownBy(() -> Json.write(value))
                    .as("%s", value)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("cannot be written as JSON: ")
                    .hasMessageContaining("is no JSON number");
            assertThatThrownBy(() -> Json.pretty(value)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void halfASurrogatePairIsRefusedNotReplaced() {
        Map<String, Integer> key = new HashMap<>();
        key.put("\udc00", 1);
        for (Object value : Arrays.asList(
                "\ud800",
                List.of("a\udc00b"),
                key,
                Json.object().put("text", "\ud83d"),
                Json.array().add("\ud83d"))) {
            assertThatThrownBy(() -> Json.write(value))
                    .as("%s", value)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("half of a surrogate pair");
        }
    }

    @Test
    void aValueThatJacksonCannotWriteIsRefused() {
        assertThatThrownBy(() -> Json.write(new Object()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("cannot be written as JSON: ");
    }

    private static JsonNode value(Draws draws, int depth) {
        return switch ((int) draws.choose(depth == 0 ? 5 : 7)) {
            case 0 -> Json.mapper().nullNode();
            case 1 -> Json.mapper().getNodeFactory().booleanNode(draws.flip());
            case 2 -> Json.parse(Long.toString(draws.anyLong()));
            case 3 -> Json.mapper().getNodeFactory().numberNode(draws.anyFinite());
            case 4 -> Json.mapper().getNodeFactory().textNode(draws.text(10));
            case 5 -> {
                ArrayNode array = Json.array();
                draws.list(4, d -> array.add(value(d, depth - 1)));
                yield array;
            }
            default -> {
                ObjectNode object = Json.object();
                draws.list(4, d -> object.set(d.text(4), value(d, depth - 1)));
                yield object;
            }
        };
    }
}
