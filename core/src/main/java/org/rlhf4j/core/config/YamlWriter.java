package org.rlhf4j.core.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Json;

/** Writes records as YAML that {@link ConfigReader} reads back to equal records, in the order of their components. */
final class YamlWriter {
    /** Texts that mean themselves to every YAML reader, unquoted. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_/.][A-Za-z0-9_/.@+=-]*");

    private static final Set<String> RESERVED =
            Set.of("true", "false", "null", "yes", "no", "on", "off", "y", "n", ".nan", ".inf");

    private static final Pattern FOLDED_OR_FORBIDDEN =
            Pattern.compile("[\\x7f-\\x9f\\u2028\\u2029\\ufeff\\ufffe\\uffff]");

    private final StringBuilder out = new StringBuilder();

    private YamlWriter() {}

    static String write(Record settings) {
        YamlWriter writer = new YamlWriter();
        if (isChoice(settings)) {
            writer.entry(Choices.TYPE, Choices.nameOf(settings.getClass()), 0);
        }
        writer.group(settings, 0);
        return writer.out.toString();
    }

    private void group(Record settings, int depth) {
        for (RecordComponent component : settings.getClass().getRecordComponents()) {
            entry(component.getName(), read(component, settings), depth);
        }
    }

    private void entry(String key, @Nullable Object value, int depth) {
        out.append("  ".repeat(depth)).append(key).append(':');
        if (value instanceof Record nested) {
            out.append('\n');
            if (isChoice(nested)) {
                entry(Choices.TYPE, Choices.nameOf(nested.getClass()), depth + 1);
            }
            group(nested, depth + 1);
        } else if (value instanceof List<?> list && list.stream().anyMatch(Record.class::isInstance)) {
            out.append('\n');
            list.forEach(item -> item((Record) item, depth + 1));
        } else {
            out.append(' ').append(scalar(value)).append('\n');
        }
    }

    /** A record in a list: its first key stands behind the dash. */
    private void item(Record item, int depth) {
        int start = out.length();
        if (isChoice(item)) {
            entry(Choices.TYPE, Choices.nameOf(item.getClass()), depth + 1);
        }
        group(item, depth + 1);
        out.replace(start, start + 2 * (depth + 1), "  ".repeat(depth) + "- ");
    }

    private static boolean isChoice(Record value) {
        for (Class<?> implemented : value.getClass().getInterfaces()) {
            if (Choices.isSealedFamily(implemented)) {
                return true;
            }
        }
        return false;
    }

    private static String scalar(@Nullable Object value) {
        if (value == null) {
            return "null";
        }
        if (value instanceof List<?> list) {
            return list.stream().map(YamlWriter::scalar).toList().toString();
        }
        if (value instanceof Enum<?> constant) {
            return Choices.nameOf(constant);
        }
        if (value instanceof Double number) {
            // 1.0E-4 as 1.0e-4, which is a number to other readers too.
            return number.toString().replace('E', 'e');
        }
        if (value instanceof Number || value instanceof Boolean) {
            return value.toString();
        }
        return text(value.toString());
    }

    private static String text(String text) {
        boolean plain = PLAIN.matcher(text).matches() && !RESERVED.contains(text.toLowerCase(Locale.ROOT));
        return plain ? text : quoted(text);
    }

    /** A JSON string is a YAML string, once the characters that YAML folds or forbids are escaped too. */
    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder();
        Json.write(text).chars().forEach(c -> {
            if (FOLDED_OR_FORBIDDEN.matcher(Character.toString(c)).matches()) {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                quoted.append((char) c);
            }
        });
        return quoted.toString();
    }

    private static @Nullable Object read(RecordComponent component, Record settings) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(settings);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("cannot read " + component, e);
        }
    }
}
