package org.rlhf4j.lm.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Python's view of text: positions count code points, and white space is Unicode's. */
final class Text {
    /** Longest needle that is searched without a table. */
    private static final int SHORT = 16;

    private static final String SIGMA = "\u03a3";
    private static final String IGNORED = "'.:\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027";

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

    /** Upper case, in time that grows with the length even where one character becomes several. */
    static String upper(String text) {
        return mapped(text, one -> one.toUpperCase(Locale.ROOT));
    }

    /** Lower case, in time that grows with the length; a sigma that ends a word is its own letter. */
    static String lower(String text) {
        String lower = mapped(text, one -> one.equals(SIGMA) ? SIGMA : one.toLowerCase(Locale.ROOT));
        if (!lower.contains(SIGMA)) {
            return lower;
        }
        StringBuilder out = new StringBuilder(lower);
        for (int at = lower.indexOf(SIGMA); at >= 0; at = lower.indexOf(SIGMA, at + 1)) {
            out.setCharAt(at, isCasedBefore(lower, at) && !isCasedFrom(lower, at + 1) ? '\u03c2' : '\u03c3');
        }
        return out.toString();
    }

    private static boolean isCasedBefore(String text, int end) {
        int at = end;
        while (at > 0 && isIgnored(text.codePointBefore(at))) {
            at -= Character.charCount(text.codePointBefore(at));
        }
        return at > 0 && isCased(text.codePointBefore(at));
    }

    private static boolean isCasedFrom(String text, int start) {
        int at = start;
        while (at < text.length() && isIgnored(text.codePointAt(at))) {
            at += Character.charCount(text.codePointAt(at));
        }
        return at < text.length() && isCased(text.codePointAt(at));
    }

    private static boolean isCased(int point) {
        return Character.isUpperCase(point) || Character.isLowerCase(point) || Character.isTitleCase(point);
    }

    /** Whether it is in Unicode's Case_Ignorable. */
    private static boolean isIgnored(int point) {
        return switch (Character.getType(point)) {
            case Character.NON_SPACING_MARK,
                    Character.ENCLOSING_MARK,
                    Character.FORMAT,
                    Character.MODIFIER_LETTER,
                    Character.MODIFIER_SYMBOL -> true;
            default -> IGNORED.indexOf(point) >= 0;
        };
    }

    private static String mapped(String text, UnaryOperator<String> change) {
        StringBuilder out = new StringBuilder(text.length());
        for (int at = 0; at < text.length(); ) {
            int point = text.codePointAt(at);
            out.append(change.apply(Character.toString(point)));
            at += Character.charCount(point);
        }
        return out.toString();
    }
}
