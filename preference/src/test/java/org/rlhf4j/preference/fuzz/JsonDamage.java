package org.rlhf4j.preference.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.base.SeededStream;

/** Changes the structure of a JSON value and keeps it JSON: fields left out, doubled, renamed, of other types, deep, large. */
final class JsonDamage {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final List<String> NAMES = List.of(
            "prompt",
            "chosen",
            "rejected",
            "completions",
            "completion",
            "label",
            "labels",
            "messages",
            "text",
            "rank",
            "score",
            "role",
            "content",
            "id",
            "source",
            "annotator",
            "margin",
            "probability",
            "weight",
            "info",
            "summaries",
            "choice",
            "winner",
            "conversation_a",
            "model_a",
            "answers",
            "responses",
            "instruction",
            "\u0000",
            "",
            "Prompt",
            "prompt ",
            "\u202E");
    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "\n",
            "x",
            "\u0000",
            "\uFFFD",
            "\uFEFF",
            "</s>",
            "<|im_end|>",
            "&amp;",
            "\u00C3\u00A9",
            "\n\nHuman: a\n\nAssistant: b",
            "\n\nHuman:",
            "\n\nAssistant:",
            "1",
            "true",
            "null",
            "[]",
            "{}",
            "NaN",
            "-0",
            "[{\"role\":\"user\",\"content\":\"x\"}]",
            "\"",
            ",",
            "\t",
            "\r\n",
            "'",
            "=1+1",
            "\u2028",
            "\uD83D\uDE00",
            "e\u0301\u0301\u0301",
            "user",
            "assistant",
            "system",
            "tie",
            "model_a");

    private final SeededStream random;

    JsonDamage(SeededStream random) {
        this.random = random;
    }

    /** The value with one change somewhere in it. */
    JsonNode change(JsonNode value) {
        if (value instanceof ObjectNode object && !object.isEmpty() && random.nextInt(4) != 0) {
            return changeField(object.deepCopy());
        }
        if (value instanceof ArrayNode array && !array.isEmpty() && random.nextInt(4) != 0) {
            return changeElement(array.deepCopy());
        }
        return other(value);
    }

    private JsonNode changeField(ObjectNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        String name = names.get(random.nextInt(names.size()));
        switch (random.nextInt(10)) {
            case 0 -> object.remove(name);
            case 1 -> object.set(pick(NAMES), object.remove(name));
            case 2 -> object.set(pick(NAMES), object.get(name).deepCopy());
            case 3 -> object.set(name, object.get(names.get(random.nextInt(names.size()))));
            case 4 -> object.set(pick(NAMES), other(NODES.nullNode()));
            default -> object.set(name, change(object.get(name)));
        }
        return object;
    }

    private JsonNode changeElement(ArrayNode array) {
        int at = random.nextInt(array.size());
        switch (random.nextInt(8)) {
            case 0 -> array.remove(at);
            case 1 -> array.insert(at, array.get(at).deepCopy());
            case 2 -> array.insert(at, other(NODES.nullNode()));
            case 3 -> {
                int times = random.nextInt(random.nextInt(50) == 0 ? 1100 : 12);
                for (int i = 0; i < times; i++) {
                    array.add(array.get(at));
                }
            }
            default -> array.set(at, change(array.get(at)));
        }
        return array;
    }

    /** A value that may be anything. */
    private JsonNode other(JsonNode value) {
        return switch (random.nextInt(16)) {
            case 0 -> NODES.nullNode();
            case 1 -> NODES.booleanNode(random.nextInt(2) == 0);
            case 2 -> NODES.numberNode(random.nextInt(7) - 2);
            case 3 -> NODES.numberNode(random.nextGaussian());
            case 4 -> NODES.numberNode(new BigInteger("9".repeat(1 + random.nextInt(400))));
            case 5 -> NODES.numberNode(new BigDecimal("1e" + (random.nextInt(700) - 350)));
            case 6 -> NODES.textNode("long ".repeat(random.nextInt(2000)));
            case 7 -> NODES.arrayNode();
            case 8 -> NODES.objectNode();
            case 9 -> NODES.arrayNode().add(value);
            case 10 -> NODES.objectNode().set(pick(NAMES), value);
            case 11 -> deep(value, random.nextInt(random.nextInt(20) == 0 ? 1500 : 20));
            default -> text(value);
        };
    }

    private JsonNode text(JsonNode value) {
        String one = pick(TEXTS);
        return NODES.textNode(
                switch (random.nextInt(3)) {
                    case 0 -> one;
                    case 1 -> value.asText() + one;
                    default -> one + value.asText();
                });
    }

    private JsonNode deep(JsonNode value, int depth) {
        JsonNode inner = value;
        boolean arrays = random.nextInt(2) == 0;
        for (int i = 0; i < depth; i++) {
            inner = arrays ? NODES.arrayNode().add(inner) : NODES.objectNode().set("a", inner);
        }
        return inner;
    }

    private <T> T pick(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }
}
