package org.rlhf4j.lm.template;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The filter {@code tojson} as transformers defines it: Python's {@code json.dumps}, without escapes for HTML. */
final class JsonText {
    private final Budget budget;
    private final StringBuilder out = new StringBuilder();
    private final boolean ascii;
    private final boolean sorted;
    private final String indent;
    private final boolean lines;
    private final String itemSeparator;
    private final String keySeparator;

    private JsonText(Render render, Map<String, Object> options) {
        this.budget = render.budget();
        this.ascii = Values.isTrue(options.getOrDefault("ensure_ascii", false));
        this.sorted = Values.isTrue(options.getOrDefault("sort_keys", false));
        Object indentation = options.getOrDefault("indent", None.NONE);
        this.lines = indentation != None.NONE;
        this.indent = indentation instanceof String text
                ? text
                : lines ? Text.repeat(budget, " ", Values.integer(indentation)) : "";
        Object separators = options.getOrDefault("separators", None.NONE);
        if (separators == None.NONE) {
            this.itemSeparator = lines ? "," : ", ";
            this.keySeparator = ": ";
        } else {
            List<Object> both = Values.list(render, separators);
            if (both.size() != 2) {
                throw new TemplateException("tojson needs two separators, not " + both.size());
            }
            this.itemSeparator = Values.text(both.get(0), "a separator");
            this.keySeparator = Values.text(both.get(1), "a separator");
        }
    }

    static Object filter(Render render, Object value, Arguments arguments) {
        JsonText text =
                new JsonText(render, arguments.bind("tojson", "ensure_ascii", "indent", "separators", "sort_keys"));
        text.append(value, 0);
        return text.out.toString();
    }

    private void write(String text) {
        budget.make(text.length());
        out.append(text);
    }

    private void append(Object value, int depth) {
        Budget.requireNesting(depth);
        budget.step();
        if (value instanceof String text) {
            quoted(text);
        } else if (value instanceof List || value instanceof Tuple) {
            list(Values.items(value), depth);
        } else if (value instanceof Map<?, ?> map) {
            map(map, depth);
        } else {
            write(scalar(value, "Object of type " + Values.type(value) + " is not JSON serializable"));
        }
    }

    private static String scalar(Object value, String refusal) {
        if (value instanceof Boolean || value instanceof Long) {
            return value.toString();
        }
        if (value instanceof None) {
            return "null";
        }
        if (value instanceof Double number) {
            return Double.isNaN(number)
                    ? "NaN"
                    : Double.isInfinite(number) ? (number > 0 ? "Infinity" : "-Infinity") : Printer.number(number);
        }
        throw new TemplateException(refusal);
    }

    private void list(List<Object> items, int depth) {
        write("[");
        boolean first = true;
        for (Object item : items) {
            between(first, depth + 1);
            append(item, depth + 1);
            first = false;
        }
        close("]", first, depth);
    }

    private void map(Map<?, ?> map, int depth) {
        write("{");
        boolean first = true;
        List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
        if (sorted) {
            Comparisons comparisons = new Comparisons(budget);
            Comparator<Map.Entry<?, ?>> byKey = (a, b) -> comparisons.compare(a.getKey(), b.getKey(), "<");
            entries.sort(byKey);
        }
        for (Map.Entry<?, ?> entry : entries) {
            between(first, depth + 1);
            Object key = entry.getKey();
            quoted(
                    key instanceof String text
                            ? text
                            : scalar(key, "keys must be str, int, float, bool or None, not " + Values.type(key)));
            write(keySeparator);
            append(entry.getValue(), depth + 1);
            first = false;
        }
        close("}", first, depth);
    }

    private void between(boolean first, int depth) {
        write(first ? "" : itemSeparator);
        if (lines) {
            write("\n" + Text.repeat(budget, indent, depth));
        }
    }

    private void close(String bracket, boolean empty, int depth) {
        if (lines && !empty) {
            write("\n" + Text.repeat(budget, indent, depth));
        }
        write(bracket);
    }

    private void quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int known = "\"\\\b\f\n\r\t".indexOf(c);
            if (known >= 0) {
                quoted.append('\\').append("\"\\bfnrt".charAt(known));
            } else if (c < 32 || (ascii && c > 126)) {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        write(quoted.append('"').toString());
    }
}
