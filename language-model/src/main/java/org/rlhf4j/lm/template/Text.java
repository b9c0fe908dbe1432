package org.rlhf4j.lm.template;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Python's view of text: positions count code points, and white space is Unicode's. */
final class Text {
    /** Longest needle that is searched without a table. */
    private static final int SHORT = 16;

    private Text() {}

    static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    private static boolean isSimple(String text) {
        return length(text) == text.length();
    }

    static String at(String text, int index) {
        int from = isSimple(text) ? index : text.offsetByCodePoints(0, index);
        return Character.toString(text.codePointAt(from));
    }

    /** The code points from one to another, both within the text. */
    static String slice(String text, int start, int stop) {
        if (isSimple(text)) {
            return text.substring(start, stop);
        }
        int from = text.offsetByCodePoints(0, start);
        return text.substring(from, text.offsetByCodePoints(from, stop - start));
    }

    static boolean isSpace(int point) {
        return (point >= 9 && point <= 13)
                || (point >= 28 && point <= 32)
                || point == 0x85
                || (point > 127 && Character.isSpaceChar(point));
    }

    static boolean isBlank(String text) {
        return text.codePoints().allMatch(Text::isSpace);
    }

    /** The text without characters at its ends: white space, or those of a set. */
    static String strip(String text, boolean left, boolean right, @Nullable String set) {
        IntPredicate goes = set == null ? Text::isSpace : point -> set.indexOf(point) >= 0;
        int from = 0;
        int to = text.length();
        while (left && from < to && goes.test(text.codePointAt(from))) {
            from += Character.charCount(text.codePointAt(from));
        }
        while (right && to > from && goes.test(text.codePointBefore(to))) {
            to -= Character.charCount(text.codePointBefore(to));
        }
        return text.substring(from, to);
    }

    /** As {@link String#indexOf(String, int)}, but never slower than the lengths of both. */
    static int find(Budget budget, String text, String needle, int from) {
        budget.read(needle.length());
        int found = needle.length() <= SHORT ? text.indexOf(needle, from) : search(text, needle, from);
        budget.read((found < 0 ? text.length() : found) - Math.min(from, text.length()) + 1L);
        return found;
    }

    /** The search of Knuth, Morris and Pratt. */
    private static int search(String text, String needle, int from) {
        int[] fallback = new int[needle.length()];
        for (int i = 1, matched = 0; i < needle.length(); i++) {
            while (matched > 0 && needle.charAt(i) != needle.charAt(matched)) {
                matched = fallback[matched - 1];
            }
            matched += needle.charAt(i) == needle.charAt(matched) ? 1 : 0;
            fallback[i] = matched;
        }
        for (int i = from, matched = 0; i < text.length(); i++) {
            while (matched > 0 && text.charAt(i) != needle.charAt(matched)) {
                matched = fallback[matched - 1];
            }
            matched += text.charAt(i) == needle.charAt(matched) ? 1 : 0;
            if (matched == needle.length()) {
                return i - matched + 1;
            }
        }
        return -1;
    }

    /** All places of a needle, without overlaps, at most some of them. */
    static List<Integer> places(Budget budget, String text, String needle, long most) {
        List<Integer> places = new ArrayList<>();
        int step = Math.max(1, needle.length());
        int at = 0;
        while (places.size() < most && at <= text.length()) {
            int found = find(budget, text, needle, at);
            if (found < 0) {
                break;
            }
            budget.step();
            places.add(found);
            at = found + step;
        }
        return places;
    }

    static String replace(Budget budget, String text, String old, String by, long count) {
        long most = count < 0 ? Long.MAX_VALUE : count;
        List<Integer> places = places(budget, text, old, most);
        budget.make(text.length() + (long) places.size() * by.length());
        StringBuilder replaced = new StringBuilder();
        int at = 0;
        for (int place : places) {
            replaced.append(text, at, place).append(by);
            at = place + old.length();
        }
        return replaced.append(text, at, text.length()).toString();
    }

    /** Python's {@code splitlines}: also at the separators beyond newlines, without an empty last line. */
    static List<String> lines(Budget budget, String text, boolean keepEnds) {
        List<String> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c >= 10 && c <= 13) || (c >= 28 && c <= 30) || c == 0x85 || c == 0x2028 || c == 0x2029) {
                int end = c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n' ? i + 2 : i + 1;
                lines.add(text.substring(start, keepEnds ? end : i));
                budget.step();
                start = end;
                i = end - 1;
            }
        }
        if (start < text.length()) {
            lines.add(text.substring(start));
        }
        budget.make(text.length() + lines.size());
        return lines;
    }

    static String repeat(Budget budget, String text, long times) {
        if (times <= 0 || text.isEmpty()) {
            return "";
        }
        budget.make(times > Budget.MADE ? Long.MAX_VALUE : text.length() * times);
        return text.repeat((int) times);
    }
}
