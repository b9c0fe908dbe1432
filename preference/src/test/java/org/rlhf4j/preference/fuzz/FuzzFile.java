package org.rlhf4j.preference.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.github.luben.zstd.Zstd;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.preference.Samples;

/**
 * One mutated file, made of its seed alone.
 *
 * @param bytes the file
 * @param extension the end of its name
 * @param origin what it was made as, such as {@code csv, gzip}
 * @param stream what else is chosen about it
 */
@SuppressWarnings("ArrayRecordComponent") // made once, never compared nor changed
record FuzzFile(byte[] bytes, String extension, String origin, SeededStream stream) {
    private static final List<String> EXTENSIONS =
            List.of(".jsonl", ".json", ".csv", ".tsv", ".parquet", ".jsonl.gz", ".jsonl.zst", ".txt", "");

    /** How much a bomb expands to: more than the limits of expansion let through. */
    private static final int BOMB_BYTES = 4 << 20;

    static FuzzFile of(long seed, FuzzCorpus corpus) {
        SeededStream random = SeededStream.of(seed, "fuzz");
        int kind = random.nextInt(1000);
        if (kind < 3) {
            return bomb(random);
        }
        if (kind < 200) {
            byte[] bytes = corpus.files().get(random.nextInt(corpus.files().size()));
            return packed(damaged(bytes, random, 1 + random.nextInt(5)), "file", random);
        }
        List<JsonNode> rows = rows(corpus, random);
        String container =
                List.of("jsonl", "jsonl", "jsonl", "json", "csv", "tsv").get(random.nextInt(6));
        String text =
                switch (container) {
                    case "json" -> array(rows, random);
                    case "csv" -> table(rows, random.nextInt(10) == 0 ? ';' : ',', random);
                    case "tsv" -> table(rows, '\t', random);
                    default -> lines(rows, random);
                };
        byte[] bytes = ((random.nextInt(20) == 0 ? "\uFEFF" : "") + text).getBytes(StandardCharsets.UTF_8);
        if (random.nextInt(3) == 0) {
            bytes = damaged(bytes, random, 1 + random.nextInt(3));
        }
        return packed(bytes, container, random);
    }

    private static List<JsonNode> rows(FuzzCorpus corpus, SeededStream random) {
        List<ObjectNode> some = corpus.rows().get(random.nextInt(corpus.rows().size()));
        List<ObjectNode> others = random.nextInt(20) == 0
                ? corpus.rows().get(random.nextInt(corpus.rows().size()))
                : some;
        JsonDamage damage = new JsonDamage(random);
        List<JsonNode> rows = new ArrayList<>();
        for (int count = random.nextInt(8); count >= 0; count--) {
            List<ObjectNode> from = random.nextInt(4) == 0 ? others : some;
            JsonNode row = from.get(random.nextInt(from.size()));
            for (int changes = random.nextInt(3); changes > 0; changes--) {
                row = damage.change(row);
            }
            rows.add(row);
        }
        return rows;
    }

    private static String lines(List<JsonNode> rows, SeededStream random) {
        String end = random.nextInt(8) == 0 ? "\r\n" : "\n";
        StringBuilder text = new StringBuilder();
        for (JsonNode row : rows) {
            text.append(json(row)).append(end).append(random.nextInt(20) == 0 ? end : "");
        }
        return text.substring(0, text.length() - (random.nextInt(4) == 0 ? end.length() : 0));
    }

    private static String array(List<JsonNode> rows, SeededStream random) {
        StringBuilder text = new StringBuilder("[");
        for (JsonNode row : rows) {
            text.append(text.length() == 1 ? "" : ",")
                    .append(random.nextInt(2) == 0 ? "\n  " : "")
                    .append(json(row));
        }
        return text.append("]").toString();
    }

    /** Not the writer of Jackson, which refuses what is nested deeply. */
    private static String json(JsonNode value) {
        StringBuilder text = new StringBuilder();
        write(text, value);
        return text.toString();
    }

    private static void write(StringBuilder text, JsonNode value) {
        if (value instanceof ObjectNode object) {
            char before = '{';
            for (Map.Entry<String, JsonNode> field : object.properties()) {
                text.append(before).append(TextNode.valueOf(field.getKey())).append(':');
                write(text, field.getValue());
                before = ',';
            }
            text.append(before == '{' ? "{}" : "}");
        } else if (value instanceof ArrayNode array) {
            char before = '[';
            for (JsonNode element : array) {
                text.append(before);
                write(text, element);
                before = ',';
            }
            text.append(before == '[' ? "[]" : "]");
        } else {
            text.append(value);
        }
    }

    private static String table(List<JsonNode> rows, char delimiter, SeededStream random) {
        Set<String> names = new LinkedHashSet<>();
        rows.forEach(row -> row.fieldNames().forEachRemaining(names::add));
        StringBuilder text = new StringBuilder();
        List<String> header = List.copyOf(names);
        record(text, header, delimiter, random);
        for (JsonNode row : rows) {
            record(
                    text,
                    header.stream()
                            .map(name -> row.path(name).isValueNode()
                                    ? row.path(name).asText()
                                    : json(row.path(name)))
                            .toList(),
                    delimiter,
                    random);
        }
        return text.toString();
    }

    private static void record(StringBuilder text, List<String> cells, char delimiter, SeededStream random) {
        for (int i = 0; i < cells.size(); i++) {
            String cell = cells.get(i);
            boolean quote = cell.indexOf(delimiter) >= 0 || cell.indexOf('"') >= 0 || cell.indexOf('\n') >= 0;
            // One cell in fifty is quoted wrongly.
            quote ^= random.nextInt(50) == 0;
            text.append(i == 0 ? "" : delimiter).append(quote ? '"' + cell.replace("\"", "\"\"") + '"' : cell);
        }
        if (random.nextInt(50) == 0) {
            text.append(delimiter).append("more");
        }
        text.append(random.nextInt(10) == 0 ? "\r\n" : "\n");
    }

    private static FuzzFile packed(byte[] bytes, String container, SeededStream random) {
        int packing = random.nextInt(8);
        byte[] packed = bytes;
        String how = container;
        if (packing < 2) {
            packed = packing == 0 ? Samples.gzip(bytes) : Zstd.compress(bytes, 1);
            how += packing == 0 ? ", gzip" : ", zstd";
            if (random.nextInt(3) == 0) {
                packed = damaged(packed, random, 1 + random.nextInt(3));
            }
        }
        String extension = EXTENSIONS.get(random.nextInt(EXTENSIONS.size()));
        return new FuzzFile(packed, extension, how, random.child("use"));
    }

    private static FuzzFile bomb(SeededStream random) {
        byte[] filler = List.of("\u0000", " ", "[", "{\"a\":", "a", "\n", ",", "\"")
                .get(random.nextInt(8))
                .getBytes(StandardCharsets.UTF_8);
        byte[] start = List.of("", "{\"prompt\":\"", "[", "prompt,chosen,rejected\n", "{\"prompt\":\"p\",\"id\":")
                .get(random.nextInt(5))
                .getBytes(StandardCharsets.UTF_8);
        // A million rows that are no JSON take long to be named one by one, and show no more than some thousands.
        int size = filler[0] == ',' ? BOMB_BYTES >> 8 : BOMB_BYTES;
        byte[] all = new byte[start.length + size / filler.length * filler.length];
        System.arraycopy(start, 0, all, 0, start.length);
        for (int i = start.length; i + filler.length <= all.length; i += filler.length) {
            System.arraycopy(filler, 0, all, i, filler.length);
        }
        int packing = random.nextInt(3);
        byte[] packed = packing == 0 ? all : packing == 1 ? Samples.gzip(all) : Zstd.compress(all, 1);
        return new FuzzFile(packed, ".jsonl", "bomb", random.child("use"));
    }

    private static byte[] damaged(byte[] bytes, SeededStream random, int changes) {
        ByteDamage damage = new ByteDamage(random);
        byte[] changed = bytes;
        for (int i = 0; i < changes && changed.length < 1 << 20; i++) {
            changed = damage.change(changed);
        }
        return changed;
    }
}
