package org.rlhf4j.lm.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.SeededStream;

/** Damages a file of a model: values of its JSON, its header, its length, or any byte. */
final class ModelDamage {
    private static final String[] VALUES = {
        "null",
        "true",
        "0",
        "-1",
        "1",
        "3",
        "0.5",
        "1e300",
        "-1e-300",
        "2147483647",
        "2147483648",
        "9223372036854775807",
        "99999999999999999999",
        "\"\"",
        "\"linear\"",
        "\"../../x.safetensors\"",
        "\"model.safetensors\"",
        "\"F32\"",
        "\"I64\"",
        "\"F8_E4M3\"",
        "\"BPE\"",
        "\"Unigram\"",
        "\"WordPiece\"",
        "\"\\u0000\"",
        "\"\\ud83d\\ude00\"",
        "[]",
        "[0,9223372036854775807,2]",
        "[-1]",
        "{}",
        "{\"type\":\"Nmt\"}",
        "[[]]",
        "[null]"
    };

    private static final String[] PIECES = {
        "\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\\",
        "\\ud800",
        "\u0000",
        "-",
        "1e400",
        "NaN",
        "//",
        "\ufeff",
        "é",
        "999999999999"
    };

    private final SeededStream random;

    ModelDamage(SeededStream random) {
        this.random = random;
    }

    /** The file with one to three places damaged. */
    byte[] of(String name, byte[] original) {
        byte[] bytes = original;
        for (int times = 1 + random.nextInt(3); times > 0; times--) {
            bytes = name.endsWith(".safetensors") ? weights(bytes) : document(bytes);
        }
        return bytes;
    }

    private byte[] document(byte[] bytes) {
        if (random.nextInt(4) == 0) {
            return anyByte(bytes);
        }
        try {
            JsonNode root = Json.parse(bytes);
            damage(root, 0);
            return root.toString().getBytes(StandardCharsets.UTF_8);
        } catch (RuntimeException e) {
            // It is broken already.
            return anyByte(bytes);
        }
    }

    private byte[] weights(byte[] bytes) {
        int length = bytes.length < Long.BYTES ? -1 : (int) Math.min(headerLength(bytes), bytes.length - Long.BYTES);
        if (length <= 0 || random.nextInt(4) == 0) {
            return random.nextInt(3) == 0
                    ? withLength(bytes, random.nextLong() >>> random.nextInt(64))
                    : anyByte(bytes);
        }
        byte[] header = Arrays.copyOfRange(bytes, Long.BYTES, Long.BYTES + length);
        byte[] damaged = document(header);
        byte[] data = Arrays.copyOfRange(bytes, Long.BYTES + length, bytes.length);
        return ByteBuffer.allocate(Long.BYTES + damaged.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(damaged.length)
                .put(damaged)
                .put(data)
                .array();
    }

    private static long headerLength(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong() & Long.MAX_VALUE;
    }

    private static byte[] withLength(byte[] bytes, long length) {
        byte[] changed = Arrays.copyOf(bytes, Math.max(bytes.length, Long.BYTES));
        ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
        return changed;
    }

    private byte[] anyByte(byte[] bytes) {
        int at = random.nextInt(bytes.length + 1);
        switch (random.nextInt(5)) {
            case 0 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 1 -> {
                return Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(64));
            }
            case 2 -> {
                byte[] flipped = bytes.clone();
                if (at < flipped.length) {
                    flipped[at] ^= (byte) (1 << random.nextInt(8));
                }
                return flipped;
            }
            default -> {
                byte[] piece = PIECES[random.nextInt(PIECES.length)].getBytes(StandardCharsets.UTF_8);
                int end = Math.min(bytes.length, at + random.nextInt(9));
                return ByteBuffer.allocate(bytes.length - (end - at) + piece.length)
                        .put(bytes, 0, at)
                        .put(piece)
                        .put(bytes, end, bytes.length - end)
                        .array();
            }
        }
    }

    /** Goes down to some place and changes what is there. */
    private void damage(JsonNode node, int depth) {
        if (node instanceof ObjectNode object && !object.isEmpty()) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            String name = names.get(random.nextInt(names.size()));
            JsonNode child = object.get(name);
            if (child.isContainerNode() && !child.isEmpty() && random.nextInt(4) > 0) {
                damage(child, depth + 1);
                return;
            }
            switch (random.nextInt(6)) {
                case 0 -> object.remove(name);
                case 1 -> object.set(names.get(random.nextInt(names.size())), child.deepCopy());
                case 2 -> object.set(name + random.nextInt(3), object.remove(name));
                default -> object.set(name, value(child));
            }
        } else if (node instanceof ArrayNode array && !array.isEmpty()) {
            int index = random.nextInt(array.size());
            JsonNode child = array.get(index);
            if (child.isContainerNode() && !child.isEmpty() && random.nextInt(4) > 0) {
                damage(child, depth + 1);
                return;
            }
            switch (random.nextInt(4)) {
                case 0 -> array.remove(index);
                case 1 -> array.add(child.deepCopy());
                default -> array.set(index, value(child));
            }
        }
    }

    private JsonNode value(JsonNode before) {
        if (before.isIntegralNumber() && random.nextInt(2) == 0) {
            return JsonNodeFactory.instance.numberNode(before.longValue() + random.nextInt(9) - 4);
        }
        if (random.nextInt(12) == 0) {
            return JsonNodeFactory.instance.textNode("x".repeat(1 << random.nextInt(14)));
        }
        return Json.parse(VALUES[random.nextInt(VALUES.length)]);
    }
}
