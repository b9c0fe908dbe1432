package org.rlhf4j.lm.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** The methods of Python's {@code str} that cut a text. */
final class StringSplits {
    private StringSplits() {}

    static Object split(Render render, String text, Arguments arguments, boolean fromRight) {
        Map<String, Object> given = arguments.bind("split", "sep", "maxsplit");
        long most = Values.integer(given.getOrDefault("maxsplit", -1L));
        long limit = most < 0 ? Long.MAX_VALUE : most;
        Object separator = given.getOrDefault("sep", None.NONE);
        List<Object> parts;
        if (separator == None.NONE) {
            parts = fromRight ? wordsFromRight(render, text, limit) : words(render, text, limit);
        } else {
            String by = Values.text(separator, "separator");
            if (by.isEmpty()) {
                throw new TemplateException("empty separator");
            }
            parts = fromRight ? partsFromRight(render, text, by, limit) : parts(render, text, by, limit);
        }
        render.budget().make(text.length() + (long) parts.size());
        return parts;
    }

    private static List<Object> parts(Render render, String text, String by, long limit) {
        List<Object> parts = new ArrayList<>();
        int at = 0;
        for (int place : Text.places(render.budget(), text, by, limit)) {
            parts.add(text.substring(at, place));
            at = place + by.length();
        }
        parts.add(text.substring(at));
        return parts;
    }

    private static List<Object> partsFromRight(Render render, String text, String by, long limit) {
        String mirrored = new StringBuilder(text).reverse().toString();
        List<Object> parts = new ArrayList<>();
        for (Object part :
                parts(render, mirrored, new StringBuilder(by).reverse().toString(), limit)) {
            parts.add(new StringBuilder((String) part).reverse().toString());
        }
        Collections.reverse(parts);
        return parts;
    }

    private static List<Object> words(Render render, String text, long limit) {
        List<Object> words = new ArrayList<>();
        String rest = Text.strip(text, true, false, null);
        int at = 0;
        while (at < rest.length()) {
            int end = at;
            while (end < rest.length() && (words.size() >= limit || !Text.isSpace(rest.charAt(end)))) {
                end++;
            }
            render.budget().step();
            words.add(rest.substring(at, end));
            at = end;
            while (at < rest.length() && Text.isSpace(rest.charAt(at))) {
                at++;
            }
        }
        return words;
    }

    private static List<Object> wordsFromRight(Render render, String text, long limit) {
        List<Object> words = new ArrayList<>();
        for (Object word : words(render, new StringBuilder(text).reverse().toString(), limit)) {
            words.add(new StringBuilder((String) word).reverse().toString());
        }
        Collections.reverse(words);
        return words;
    }

    static Object lines(Render render, String text, Arguments arguments) {
        Object keep = arguments.bind("splitlines", "keepends").getOrDefault("keepends", false);
        return new ArrayList<Object>(Text.lines(render.budget(), text, Values.isTrue(keep)));
    }

    static Object partition(Render render, String text, Arguments arguments, boolean last) {
        String by = Values.text(arguments.only("partition"), "separator");
        if (by.isEmpty()) {
            throw new TemplateException("empty separator");
        }
        List<Integer> places = Text.places(render.budget(), text, by, last ? Long.MAX_VALUE : 1);
        render.budget().make(text.length());
        if (places.isEmpty()) {
            return last ? Tuple.of("", "", text) : Tuple.of(text, "", "");
        }
        int at = last ? text.lastIndexOf(by) : places.get(0);
        return Tuple.of(text.substring(0, at), by, text.substring(at + by.length()));
    }
}
