package org.rlhf4j.preference.show;

import java.lang.Character.UnicodeScript;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where two texts differ, word by word: a shortest edit script by the greedy algorithm of E. W. Myers, "An O(ND)
 * Difference Algorithm and Its Variations", Algorithmica 1 (1986), figure 2.
 *
 * <p>Words are runs of letters and digits, runs of white space within a line, and every other character by itself, as is
 * each character of scripts that set no spaces. Equal words between two differences are no island where they have no more
 * characters than either difference: they count to them, or a few words like "the" would tear two texts to pieces.
 *
 * <p>Time and memory are bounded: where more than {@value #MAX_EDITS} words would have to change, everything between the
 * common start and the common end differs.
 *
 * @param left the first text in stretches
 * @param right the second text in stretches
 */
record WordDiff(List<Segment> left, List<Segment> right) {
    /** The memory of the search is the square of it: 4 MB. */
    static final int MAX_EDITS = 1_000;

    private static final Set<UnicodeScript> UNSPACED =
            EnumSet.of(UnicodeScript.HAN, UnicodeScript.HIRAGANA, UnicodeScript.KATAKANA, UnicodeScript.THAI);

    /**
     * Compares.
     *
     * @param left a text
     * @param right another
     * @return both in stretches; joined they are the texts
     */
    static WordDiff of(String left, String right) {
        List<String> a = words(left);
        List<String> b = words(right);
        Map<String, Integer> numbers = new HashMap<>();
        int[] first = numbered(a, numbers);
        int[] second = numbered(b, numbers);
        // For each word of the first text the place of its partner in the second, or -1.
        int[] partner = new int[first.length];
        Arrays.fill(partner, -1);
        int start = 0;
        while (start < Math.min(first.length, second.length) && first[start] == second[start]) {
            partner[start] = start;
            start++;
        }
        int end = 0;
        while (end < Math.min(first.length, second.length) - start
                && first[first.length - 1 - end] == second[second.length - 1 - end]) {
            end++;
            partner[first.length - end] = second.length - end;
        }
        search(first, second, start, end, partner);
        dropIslands(a, b, partner);
        boolean[] kept = new boolean[second.length];
        boolean[] keptLeft = new boolean[first.length];
        for (int i = 0; i < partner.length; i++) {
            if (partner[i] >= 0) {
                keptLeft[i] = true;
                kept[partner[i]] = true;
            }
        }
        return new WordDiff(segments(a, keptLeft), segments(b, kept));
    }

    private static int[] numbered(List<String> words, Map<String, Integer> numbers) {
        int[] result = new int[words.size()];
        for (int i = 0; i < result.length; i++) {
            result[i] = numbers.computeIfAbsent(words.get(i), word -> numbers.size());
        }
        return result;
    }

    /** Finds partners between the common start and the common end; none when that takes too many edits. */
    private static void search(int[] a, int[] b, int start, int end, int[] partner) {
        int n = a.length - start - end;
        int m = b.length - start - end;
        int limit = Math.min(n + m, MAX_EDITS);
        // reached[d][k + d]: how far down the first text d edits get on the diagonal k, at best.
        List<int[]> reached = new ArrayList<>();
        for (int d = 0; n > 0 && m > 0 && d <= limit; d++) {
            int[] now = new int[2 * d + 1];
            for (int k = -d; k <= d; k += 2) {
                int x = d == 0 ? 0 : step(reached.get(d - 1), k, d);
                int y = x - k;
                while (x < n && y >= 0 && y < m && a[start + x] == b[start + y]) {
                    x++;
                    y++;
                }
                now[k + d] = x;
                if (x >= n && y >= m) {
                    reached.add(now);
                    trace(reached, n, m, start, partner);
                    return;
                }
            }
            reached.add(now);
        }
    }

    private static int step(int[] before, int k, int d) {
        return goesDown(before, k, d) ? before[k + 1 + d - 1] : before[k - 1 + d - 1] + 1;
    }

    /** Whether the best way to the diagonal k inserts a word of the second text. */
    private static boolean goesDown(int[] before, int k, int d) {
        return k == -d || (k != d && before[k - 1 + d - 1] < before[k + 1 + d - 1]);
    }

    private static void trace(List<int[]> reached, int n, int m, int start, int[] partner) {
        int x = n;
        int y = m;
        for (int d = reached.size() - 1; d >= 0; d--) {
            int k = x - y;
            boolean down = d > 0 && goesDown(reached.get(d - 1), k, d);
            int from = d == 0 ? 0 : step(reached.get(d - 1), k, d);
            while (x > from && y > from - k) {
                x--;
                y--;
                partner[start + x] = start + y;
            }
            if (d > 0) {
                x = down ? x : x - 1;
                y = down ? y - 1 : y;
            }
        }
    }

    /** Words that are equal, from here to there in the first text. */
    private record Island(int from, int to) {}

    private static void dropIslands(List<String> a, List<String> b, int[] partner) {
        int[] before = lengths(a);
        int[] otherBefore = lengths(b);
        List<Island> islands = islands(partner);
        boolean dropped = true;
        while (dropped) {
            dropped = false;
            for (int i = 0; i < islands.size(); i++) {
                Island island = islands.get(i);
                int length = before[island.to()] - before[island.from()];
                int from = i == 0 ? 0 : islands.get(i - 1).to();
                int to = i + 1 == islands.size() ? a.size() : islands.get(i + 1).from();
                int otherFrom = i == 0 ? 0 : partner[from - 1] + 1;
                int otherTo = i + 1 == islands.size() ? b.size() : partner[to];
                int start = partner[island.from()];
                int end = partner[island.to() - 1] + 1;
                int changedBefore =
                        Math.max(before[island.from()] - before[from], otherBefore[start] - otherBefore[otherFrom]);
                int changedBehind = Math.max(before[to] - before[island.to()], otherBefore[otherTo] - otherBefore[end]);
                if (length <= changedBefore && length <= changedBehind) {
                    Arrays.fill(partner, island.from(), island.to(), -1);
                    islands.remove(i);
                    dropped = true;
                    break;
                }
            }
        }
    }

    private static List<Island> islands(int[] partner) {
        List<Island> islands = new ArrayList<>();
        int i = 0;
        while (i < partner.length) {
            int from = i;
            while (i < partner.length && partner[i] >= 0 && (i == from || partner[i] == partner[i - 1] + 1)) {
                i++;
            }
            if (i > from) {
                islands.add(new Island(from, i));
            } else {
                i++;
            }
        }
        return islands;
    }

    /** How many characters the first words have together. */
    private static int[] lengths(List<String> words) {
        int[] lengths = new int[words.size() + 1];
        for (int i = 0; i < words.size(); i++) {
            lengths[i + 1] = lengths[i] + words.get(i).length();
        }
        return lengths;
    }

    private static List<Segment> segments(List<String> words, boolean[] kept) {
        List<Segment> segments = new ArrayList<>();
        int i = 0;
        while (i < kept.length) {
            int from = i;
            while (i < kept.length && kept[i] == kept[from]) {
                i++;
            }
            segments.add(new Segment(String.join("", words.subList(from, i)), !kept[from]));
        }
        return segments;
    }

    static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        int i = 0;
        while (i < text.length()) {
            int from = i;
            int kind = kind(text.codePointAt(i));
            do {
                i += Character.charCount(text.codePointAt(i));
            } while (i < text.length() && joins(kind, text.codePointAt(i)));
            words.add(text.substring(from, i));
        }
        return words;
    }

    private static boolean joins(int kind, int next) {
        int type = Character.getType(next);
        boolean mark = type == Character.NON_SPACING_MARK
                || type == Character.ENCLOSING_MARK
                || type == Character.COMBINING_SPACING_MARK;
        return mark || (kind != ALONE && kind == kind(next));
    }

    private static final int ALONE = 0;
    private static final int WORD = 1;
    private static final int SPACE = 2;

    private static int kind(int point) {
        if (Character.isLetterOrDigit(point)) {
            return UNSPACED.contains(UnicodeScript.of(point)) ? ALONE : WORD;
        }
        return point != '\n' && Character.isWhitespace(point) ? SPACE : ALONE;
    }
}
