package org.rlhf4j.lm.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The methods of Python's {@code str}. */
final class StringMethods {
    /** A method: gets the text and the arguments of its call. */
    private interface Method {
        Object call(Render render, String text, Arguments arguments);
    }

    private static final Map<String, Method> METHODS = Map.ofEntries(
            plain("upper", Text::upper),
            plain("lower", Text::lower),
            plain("casefold", text -> Text.lower(Text.upper(text))),
            plain("capitalize", StringMethods::capitalize),
            plain("title", StringMethods::title),
            plain("swapcase", StringMethods::swapCase),
            plain("isdigit", text -> all(text, StringMethods::isDigit)),
            plain("isdecimal", text -> all(text, Character::isDigit)),
            plain("isnumeric", text -> all(text, StringMethods::isNumeric)),
            plain("isalpha", text -> all(text, Character::isLetter)),
            plain("isalnum", text -> all(text, point -> Character.isLetter(point) || isNumeric(point))),
            plain("isspace", text -> all(text, Text::isSpace)),
            plain("isascii", text -> text.chars().allMatch(c -> c < 128)),
            plain("isprintable", text -> text.codePoints().allMatch(StringMethods::isPrintable)),
            plain("isidentifier", text -> text.matches("[\\p{L}_][\\p{L}\\p{N}\\p{M}_]*+")),
            plain("isupper", text -> isCase(text, Character::isUpperCase, Character::isLowerCase)),
            plain("islower", text -> isCase(text, Character::isLowerCase, Character::isUpperCase)),
            Map.entry("strip", (render, text, arguments) -> strip(text, arguments, true, true)),
            Map.entry("lstrip", (render, text, arguments) -> strip(text, arguments, true, false)),
            Map.entry("rstrip", (render, text, arguments) -> strip(text, arguments, false, true)),
            Map.entry("startswith", (render, text, arguments) -> starts(text, arguments, true)),
            Map.entry("endswith", (render, text, arguments) -> starts(text, arguments, false)),
            Map.entry("split", (render, text, arguments) -> StringSplits.split(render, text, arguments, false)),
            Map.entry("rsplit", (render, text, arguments) -> StringSplits.split(render, text, arguments, true)),
            Map.entry("splitlines", StringSplits::lines),
            Map.entry("partition", (render, text, arguments) -> StringSplits.partition(render, text, arguments, false)),
            Map.entry("rpartition", (render, text, arguments) -> StringSplits.partition(render, text, arguments, true)),
            Map.entry("replace", StringMethods::replace),
            Map.entry("join", StringMethods::join),
            Map.entry("find", (render, text, arguments) -> find(render, text, arguments, false)),
            Map.entry("rfind", (render, text, arguments) -> find(render, text, arguments, true)),
            Map.entry("index", (render, text, arguments) -> found(find(render, text, arguments, false))),
            Map.entry("rindex", (render, text, arguments) -> found(find(render, text, arguments, true))),
            Map.entry("count", StringMethods::count),
            Map.entry("removeprefix", (render, text, arguments) -> {
                String end = one(arguments, "removeprefix");
                return text.startsWith(end) ? text.substring(end.length()) : text;
            }),
            Map.entry("removesuffix", (render, text, arguments) -> {
                String end = one(arguments, "removesuffix");
                return text.endsWith(end) ? text.substring(0, text.length() - end.length()) : text;
            }),
            Map.entry("ljust", (render, text, arguments) -> justify(render, text, arguments, 0, 1)),
            Map.entry("rjust", (render, text, arguments) -> justify(render, text, arguments, 1, 0)),
            Map.entry("center", (render, text, arguments) -> justify(render, text, arguments, 1, 1)),
            Map.entry("zfill", StringMethods::zeroFill),
            Map.entry("format", Formatting::braces));

    private StringMethods() {}

    private static Map.Entry<String, Method> plain(String name, java.util.function.Function<String, Object> change) {
        return Map.entry(name, (render, text, arguments) -> {
            arguments.requireNone(name);
            render.budget().make(text.length());
            return change.apply(text);
        });
    }

    /** A method of a text, or null where there is none of that name. */
    static @Nullable Callable method(String text, String name) {
        Method method = METHODS.get(name);
        if (method == null) {
            return null;
        }
        return (render, arguments) -> {
            render.budget().read(text.length());
            Object result = method.call(render, text, arguments);
            return result instanceof String made ? render.budget().made(made) : result;
        };
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.offsetByCodePoints(0, 1);
        return titled(text.codePointAt(0)) + Text.lower(text.substring(first));
    }

    private static String titled(int point) {
        int title = Character.toTitleCase(point);
        if (title != point) {
            return Character.toString(title);
        }
        String upper = Character.toString(point).toUpperCase(Locale.ROOT);
        int first = upper.offsetByCodePoints(0, 1);
        return upper.substring(0, first) + Text.lower(upper.substring(first));
    }

    private static String title(String text) {
        StringBuilder out = new StringBuilder();
        boolean inside = false;
        for (int point : text.codePoints().toArray()) {
            out.append(inside ? Character.toString(point).toLowerCase(Locale.ROOT) : titled(point));
            inside = Character.isUpperCase(point) || Character.isLowerCase(point) || Character.isTitleCase(point);
        }
        return out.toString();
    }

    private static String swapCase(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().forEach(point -> {
            String one = Character.toString(point);
            out.append(Character.isUpperCase(point) ? one.toLowerCase(Locale.ROOT) : one.toUpperCase(Locale.ROOT));
        });
        return out.toString();
    }

    private static boolean all(String text, IntPredicate test) {
        return !text.isEmpty() && text.codePoints().allMatch(test);
    }

    /** Whether it is a digit as Python counts them, raised and lowered ones too. */
    private static boolean isDigit(int point) {
        return Character.isDigit(point) || "²³¹⁰⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉".indexOf(point) >= 0;
    }

    private static boolean isNumeric(int point) {
        int type = Character.getType(point);
        return Character.isDigit(point)
                || type == Character.OTHER_NUMBER
                || type == Character.LETTER_NUMBER
                || "〇一二三四五六七八九十百千万億兆".indexOf(point) >= 0;
    }

    static boolean isPrintable(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> point == ' ';
            default -> true;
        };
    }

    /** Whether there is a letter of a case and none of the other. */
    static boolean isCase(String text, IntPredicate is, IntPredicate isNot) {
        return text.codePoints().anyMatch(is) && text.codePoints().noneMatch(isNot);
    }

    private static String strip(String text, Arguments arguments, boolean left, boolean right) {
        Object set = arguments.bind("strip", "chars").getOrDefault("chars", None.NONE);
        return Text.strip(text, left, right, set == None.NONE ? null : Values.text(set, "strip arg"));
    }

    private static Object starts(String text, Arguments arguments, boolean left) {
        String part = slice(text, arguments, left ? "startswith" : "endswith");
        Object ends = arguments.get(0);
        List<Object> candidates = ends instanceof Tuple tuple ? tuple.items() : List.of(ends);
        return candidates.stream()
                .map(end -> Values.text(end, (left ? "startswith" : "endswith") + " first arg"))
                .anyMatch(end -> left ? part.startsWith(end) : part.endsWith(end));
    }

    /** The part of a text that the second and third argument say. */
    private static String slice(String text, Arguments arguments, String function) {
        arguments.bind(function, "value", "start", "end");
        if (arguments.size() < 2) {
            return text;
        }
        int length = Text.length(text);
        int start = bound(arguments.get(1), length, 0);
        int end = arguments.size() < 3 ? length : bound(arguments.get(2), length, length);
        return start >= end ? "" : Text.slice(text, start, end);
    }

    private static int bound(Object value, int length, int absent) {
        if (value == None.NONE) {
            return absent;
        }
        int index = Values.count(value);
        return Math.max(0, Math.min(length, index < 0 ? index + length : index));
    }

    private static Object replace(Render render, String text, Arguments arguments) {
        Map<String, Object> given = arguments.bind("replace", "old", "new", "count");
        Object old = given.getOrDefault("old", None.NONE);
        Object by = given.getOrDefault("new", None.NONE);
        return Text.replace(
                render.budget(),
                text,
                Values.text(old, "replace() argument 1"),
                Values.text(by, "replace() argument 2"),
                Values.integer(given.getOrDefault("count", -1L)));
    }

    private static Object join(Render render, String text, Arguments arguments) {
        Iterator<Object> parts = Values.iterate(render, arguments.only("join"));
        StringBuilder joined = new StringBuilder();
        while (parts.hasNext()) {
            String part = Values.text(parts.next(), "sequence item");
            render.budget().make(part.length() + (long) text.length());
            joined.append(part).append(parts.hasNext() ? text : "");
        }
        return joined.toString();
    }

    private static Long find(Render render, String text, Arguments arguments, boolean last) {
        String part = slice(text, arguments, "find");
        String needle = Values.text(arguments.get(0), "find() argument 1");
        if (last) {
            List<Integer> places = new ArrayList<>();
            int from = 0;
            for (int at = Text.find(render.budget(), part, needle, from); at >= 0; ) {
                render.budget().step();
                places.add(at);
                at = at == part.length() ? -1 : Text.find(render.budget(), part, needle, at + 1);
            }
            return places.isEmpty() ? -1 : place(text, part, Collections.max(places), arguments);
        }
        int at = Text.find(render.budget(), part, needle, 0);
        return at < 0 ? -1 : place(text, part, at, arguments);
    }

    private static long place(String text, String part, int at, Arguments arguments) {
        int start = arguments.size() < 2 ? 0 : bound(arguments.get(1), Text.length(text), 0);
        return start + (long) part.codePointCount(0, at);
    }

    private static Object found(Long index) {
        if (index < 0) {
            throw new TemplateException("substring not found");
        }
        return index;
    }

    private static Object count(Render render, String text, Arguments arguments) {
        String part = slice(text, arguments, "count");
        String needle = Values.text(arguments.get(0), "count() argument 1");
        return needle.isEmpty()
                ? Text.length(part) + 1L
                : (long) Text.places(render.budget(), part, needle, Long.MAX_VALUE)
                        .size();
    }

    private static String one(Arguments arguments, String function) {
        return Values.text(arguments.only(function), function + "() argument");
    }

    private static Object justify(Render render, String text, Arguments arguments, int left, int right) {
        Map<String, Object> given = arguments.bind("justify", "width", "fill");
        String fill = Values.text(given.getOrDefault("fill", " "), "the fill character");
        if (Text.length(fill) != 1) {
            throw new TemplateException("The fill character must be exactly one character long");
        }
        long width = Values.integer(arguments.get(0));
        return justified(render.budget(), text, width, fill, left, right);
    }

    /** A text with fill on its left, its right or both; an odd rest goes where Python puts it. */
    static String justified(Budget budget, String text, long width, String fill, int left, int right) {
        long missing = Math.max(0, width - Text.length(text));
        long before = left == 0 ? 0 : right == 0 ? missing : missing / 2 + (missing & width & 1);
        return Text.repeat(budget, fill, before) + text + Text.repeat(budget, fill, missing - before);
    }

    private static Object zeroFill(Render render, String text, Arguments arguments) {
        long width = Values.integer(arguments.only("zfill"));
        int sign = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
        String digits = justified(render.budget(), text.substring(sign), width - sign, "0", 1, 0);
        return text.substring(0, sign) + digits;
    }
}
