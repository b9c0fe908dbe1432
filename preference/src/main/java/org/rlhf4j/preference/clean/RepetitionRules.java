package org.rlhf4j.preference.clean;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.preference.Located;
import org.rlhf4j.preference.Row;

/**
 * Leaves out texts that repeat themselves: the repetition removal of Gopher (arXiv:2112.11446, section A.1.1, table A1) with
 * its thresholds.
 *
 * <p>Lines are split at line breaks, paragraphs at empty lines; one is a duplicate when the same stood before it in the
 * text. Words stand between white space. The most frequent n-gram is the one that occurs most often, of several the one of most
 * characters; a word is of a duplicate n-gram when an n-gram that holds it stood before it in the text. No character counts
 * twice, and characters are those that are not white space.
 */
final class RepetitionRules extends RowFilter {
    private static final Pattern LINES = Pattern.compile("\\R+");
    private static final Pattern PARAGRAPHS = Pattern.compile("\\R[ \\t]*\\R\\s*");
    private static final Pattern SPACES = Pattern.compile("[\\s\\p{Z}]+");
    private static final double[] TOP = {0.20, 0.18, 0.16};
    private static final int LEAST_TOP = 2;
    private static final double[] DUPLICATE = {0.15, 0.14, 0.13, 0.12, 0.11, 0.10};
    private static final int LEAST_DUPLICATE = 5;

    static final List<StepParameter> PARAMETERS = parameters();

    private final Subject subject;
    private final long minWords;
    private final StepSettings settings;

    RepetitionRules(StepSettings settings) {
        subject = Subject.of(settings);
        minWords = settings.whole("min-words");
        this.settings = settings;
    }

    private static List<StepParameter> parameters() {
        List<StepParameter> all = new ArrayList<>();
        all.add(Subject.PARAMETER);
        all.add(StepParameter.whole("min-words", 0, Long.MAX_VALUE, 50L, "a text of fewer words is not judged"));
        all.add(StepParameter.share("duplicate-lines", 0.30, "greatest share of lines that repeat one"));
        all.add(StepParameter.share("duplicate-line-chars", 0.20, "greatest share of characters in them"));
        all.add(StepParameter.share("duplicate-paragraphs", 0.30, "greatest share of paragraphs that repeat one"));
        all.add(StepParameter.share("duplicate-paragraph-chars", 0.20, "greatest share of characters in them"));
        for (int i = 0; i < TOP.length; i++) {
            all.add(StepParameter.share(
                    top(i), TOP[i], "greatest share of characters in the most frequent " + (i + LEAST_TOP) + "-gram"));
        }
        for (int i = 0; i < DUPLICATE.length; i++) {
            all.add(StepParameter.share(
                    duplicate(i),
                    DUPLICATE[i],
                    "greatest share of characters in " + (i + LEAST_DUPLICATE) + "-grams that repeat one"));
        }
        return List.copyOf(all);
    }

    private static String top(int i) {
        return "top-" + (i + LEAST_TOP) + "-gram";
    }

    private static String duplicate(int i) {
        return "duplicate-" + (i + LEAST_DUPLICATE) + "-grams";
    }

    @Override
    @Nullable
    Removed judge(int number, Located<Row> row) {
        for (Map.Entry<String, String> text : subject.texts(row).entrySet()) {
            Removed removed = judge(text.getKey(), text.getValue());
            if (removed != null) {
                return removed;
            }
        }
        return null;
    }

    private @Nullable Removed judge(String name, String text) {
        String[] words = SPACES.split(text.strip());
        if (words.length < minWords) {
            return null;
        }
        Removed removed = pieces("duplicate-line", name, LINES.split(text.strip()));
        if (removed == null) {
            removed = pieces("duplicate-paragraph", name, PARAGRAPHS.split(text.strip()));
        }
        Grams grams = new Grams(words);
        for (int i = 0; i < TOP.length && removed == null; i++) {
            removed = beyond(top(i), name, grams.shareOfMostFrequent(i + LEAST_TOP));
        }
        for (int i = 0; i < DUPLICATE.length && removed == null; i++) {
            removed = beyond(duplicate(i), name, grams.shareOfRepeated(i + LEAST_DUPLICATE));
        }
        return removed;
    }

    private @Nullable Removed pieces(String rule, String name, String[] pieces) {
        Set<String> seen = new HashSet<>();
        long repeated = 0;
        long repeatedCharacters = 0;
        long characters = 0;
        for (String piece : pieces) {
            String line = piece.strip();
            long length = SPACES.matcher(line).replaceAll("").length();
            characters += length;
            if (!seen.add(line)) {
                repeated++;
                repeatedCharacters += length;
            }
        }
        Removed removed = beyond(rule + "s", name, (double) repeated / pieces.length);
        return removed != null || characters == 0
                ? removed
                : beyond(rule + "-chars", name, (double) repeatedCharacters / characters);
    }

    private @Nullable Removed beyond(String rule, String name, double share) {
        double most = settings.number(rule);
        return share > most
                ? new Removed(rule, String.format(Locale.ROOT, "%s: a share of %.3f, more than %s", name, share, most))
                : null;
    }

    /** The runs of words of a text, told apart by 64-bit hashes. */
    private static final class Grams {
        private final int[] ids;
        private final int[] lengths;
        private final long characters;

        Grams(String[] words) {
            ids = new int[words.length];
            lengths = new int[words.length];
            Map<String, Integer> known = new HashMap<>();
            long all = 0;
            for (int i = 0; i < words.length; i++) {
                ids[i] = known.computeIfAbsent(words[i], word -> known.size());
                lengths[i] = words[i].length();
                all += lengths[i];
            }
            characters = all;
        }

        double shareOfMostFrequent(int n) {
            Map<Long, Integer> counts = new HashMap<>();
            long best = 0;
            int most = 1;
            long longest = 0;
            for (int i = 0; i + n <= ids.length; i++) {
                int count = counts.merge(key(i, n), 1, Integer::sum);
                long length = length(i, n);
                if (count > most || (count == most && count > 1 && length > longest)) {
                    most = count;
                    longest = length;
                    best = key(i, n);
                }
            }
            if (most == 1) {
                return 0;
            }
            boolean[] covered = new boolean[ids.length];
            for (int i = 0; i + n <= ids.length; i++) {
                if (key(i, n) == best) {
                    Arrays.fill(covered, i, i + n, true);
                }
            }
            return share(covered);
        }

        double shareOfRepeated(int n) {
            Set<Long> seen = new HashSet<>();
            boolean[] covered = new boolean[ids.length];
            for (int i = 0; i + n <= ids.length; i++) {
                if (!seen.add(key(i, n))) {
                    Arrays.fill(covered, i, i + n, true);
                }
            }
            return share(covered);
        }

        private double share(boolean[] covered) {
            long inside = 0;
            for (int i = 0; i < covered.length; i++) {
                inside += covered[i] ? lengths[i] : 0;
            }
            return characters == 0 ? 0 : (double) inside / characters;
        }

        private long length(int start, int n) {
            long length = 0;
            for (int i = start; i < start + n; i++) {
                length += lengths[i];
            }
            return length;
        }

        private long key(int start, int n) {
            long key = n;
            for (int i = start; i < start + n; i++) {
                key = MinHash.mix(key + ids[i]);
            }
            return key;
        }
    }
}
