package org.rlhf4j.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.SeededStream;

/**
 * Writes the files that the race of data reads: {@code PairFiles DIRECTORY ROWS} makes {@code pairs.jsonl} and
 * {@code held-out.jsonl}, every twentieth row in the latter, the same bytes each time.
 *
 * <p>A row has 200 to 2000 characters or so: {@code id}, {@code prompt}, {@code chosen}, {@code rejected}, words of an
 * invented language by Zipf's law, in one row of six with letters beyond ASCII, in half of these as escapes, as Python's
 * {@code json.dumps} writes them. Two prompts of three are new. One to three rows of a thousand break each of the rules
 * that a row which {@code datasets} can load may break: one that it cannot load would end the peer's reading.
 */
public final class PairFiles {
    private static final int VOCABULARY = 4096;
    private static final int REMEMBERED = 8192;
    private static final int HELD_OUT = 20;
    private static final String[] ONSETS = {"b", "br", "d", "f", "g", "h", "k", "l", "m", "n", "p", "s", "st", "t", "w"
    };
    private static final String[] VOWELS = {"a", "e", "i", "o", "u", "ea", "ou"};
    private static final String[] LATIN = {"ä", "é", "ñ", "ø", "ß"};
    private static final String[] EMOJI = {"🙂", "🎉", "🚀"};

    /** A row as others repeat it. */
    private record Pair(String id, String prompt, String chosen, String rejected) {}

    private final SeededStream draws = SeededStream.of(6, "pair-files");
    private final String[] words = new String[VOCABULARY];
    private final List<Pair> remembered = new ArrayList<>();

    private PairFiles() {
        for (int i = 0; i < VOCABULARY; i++) {
            StringBuilder word = new StringBuilder();
            int syllables = 1 + Math.min(3, i / 256 + below(2));
            for (int s = 0; s < syllables; s++) {
                word.append(ONSETS[below(ONSETS.length)]).append(VOWELS[below(VOWELS.length)]);
            }
            words[i] = word.toString();
        }
    }

    /** Writes both files. */
    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        int rows = Integer.parseInt(arguments[1]);
        PairFiles files = new PairFiles();
        try (BufferedWriter pairs = Files.newBufferedWriter(directory.resolve("pairs.jsonl"));
                BufferedWriter heldOut = Files.newBufferedWriter(directory.resolve("held-out.jsonl"))) {
            for (int row = 0; row < rows; row++) {
                files.write(row, row % HELD_OUT == HELD_OUT - 1 ? heldOut : pairs);
            }
        }
    }

    private void write(int row, Writer out) throws IOException {
        int letters = below(12);
        String language = letters == 0 ? "latin" : letters == 1 ? "han" : "ascii";
        // The first row repeats what no row says.
        Pair earlier = remembered.isEmpty()
                ? new Pair("pair", "What is new?", "Nothing.", "Everything.")
                : remembered.get(below(remembered.size()));
        boolean newPrompt = below(3) > 0 || row % HELD_OUT == HELD_OUT - 1;
        Pair pair = new Pair(
                "pair-" + row,
                newPrompt ? text(30, 350, language) : earlier.prompt(),
                text(60, 950, language),
                text(60, 950, language));
        ObjectNode json = json(spoiled(pair, earlier));
        if (below(1000) == 0) {
            json.remove("chosen");
        }
        out.write(below(2) == 0 ? Json.write(json) : escaped(Json.write(json)));
        out.write('\n');
        if (remembered.size() < REMEMBERED) {
            remembered.add(pair);
        } else {
            remembered.set(below(REMEMBERED), pair);
        }
    }

    /** In a few rows of a thousand what a rule finds. */
    private Pair spoiled(Pair pair, Pair earlier) {
        return switch (below(500)) {
            case 0 -> new Pair(pair.id, " \n", pair.chosen, pair.rejected);
            case 1 -> new Pair(pair.id, pair.prompt, pair.chosen, "");
            case 2 -> new Pair(pair.id, pair.prompt, pair.chosen, pair.chosen);
            case 3 -> new Pair(pair.id, earlier.prompt, earlier.chosen, earlier.rejected);
            case 4 -> new Pair(pair.id, earlier.prompt, earlier.rejected, earlier.chosen);
            case 5 -> new Pair(earlier.id, pair.prompt, pair.chosen, pair.rejected);
            case 6 -> new Pair(pair.id, earlier.prompt, pair.chosen, pair.rejected);
            default -> pair;
        };
    }

    private static ObjectNode json(Pair pair) {
        return Json.object()
                .put("id", pair.id)
                .put("prompt", pair.prompt)
                .put("chosen", pair.chosen)
                .put("rejected", pair.rejected);
    }

    /** Words up to a length between two, short ones more often than long ones. */
    private String text(int least, int most, String language) {
        int length = least + (int) ((most - least) * draws.nextDouble() * Math.sqrt(draws.nextDouble()));
        StringBuilder text = new StringBuilder(length + 32);
        while (text.length() < length) {
            // Zipf's law, nearly: the logarithm of a word's rank is uniform.
            String word = words[(int) Math.pow(VOCABULARY, draws.nextDouble()) - 1];
            switch (language) {
                case "latin" -> text.append(word).append(LATIN[below(LATIN.length)]);
                case "han" -> text.appendCodePoint(0x4E00 + below(3000)).appendCodePoint(0x4E00 + below(3000));
                default -> text.append(word);
            }
            int end = below(64);
            text.append(end == 0 ? ".\n\n" : end == 1 ? ", \"" : end < 5 ? ", " : " ");
            if (end == 2 && !language.equals("ascii")) {
                text.append(EMOJI[below(EMOJI.length)]);
            }
        }
        return text.toString().strip();
    }

    private static String escaped(String json) {
        StringBuilder text = new StringBuilder(json.length());
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (c < 0x80) {
                text.append(c);
            } else {
                text.append("\\u").append(Integer.toHexString(0x10000 | c), 1, 5);
            }
        }
        return text.toString();
    }

    private int below(int bound) {
        return draws.nextInt(bound);
    }
}
