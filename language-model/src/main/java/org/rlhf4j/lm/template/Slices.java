package org.rlhf4j.lm.template;

import java.util.ArrayList;
import java.util.List;

/** Python's slices. */
final class Slices {
    private Slices() {}

    static Object slice(Render render, Object value, Object start, Object stop, Object step) {
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        boolean text = value instanceof String;
        if (!text && !(value instanceof List) && !(value instanceof Tuple) && !(value instanceof Range)) {
            throw new TemplateException("'" + Values.type(value) + "' object is not subscriptable by a slice");
        }
        int by = step == None.NONE ? 1 : Values.count(step);
        if (by == 0) {
            throw new TemplateException("slice step cannot be zero");
        }
        int length = Values.length(value);
        int from = bound(start, length, by, by > 0 ? 0 : length - 1);
        int to = bound(stop, length, by, by > 0 ? length : -1);
        render.budget().make(text ? ((String) value).length() : Math.abs((long) to - from));
        if (value instanceof String string) {
            return text(string, from, to, by);
        }
        List<Object> items = new ArrayList<>();
        for (long i = from; by > 0 ? i < to : i > to; i += by) {
            items.add(
                    value instanceof Range range
                            ? range.get((int) i)
                            : Values.items(value).get((int) i));
        }
        return value instanceof Tuple ? new Tuple(items) : items;
    }

    private static int bound(Object value, int length, int step, int absent) {
        if (value == None.NONE) {
            return absent;
        }
        long index = Values.count(value);
        long place = index < 0 ? index + length : index;
        return (int) Math.max(step > 0 ? 0 : -1, Math.min(step > 0 ? length : length - 1, place));
    }

    private static String text(String text, int from, int to, int by) {
        if (by == 1) {
            return from >= to ? "" : Text.slice(text, from, to);
        }
        int[] points = text.codePoints().toArray();
        StringBuilder out = new StringBuilder();
        for (long i = from; by > 0 ? i < to : i > to; i += by) {
            out.appendCodePoint(points[(int) i]);
        }
        return out.toString();
    }
}
