package org.rlhf4j.core.config;

import java.math.BigInteger;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.NearestName;

/** Reads one text as the type that a setting wants, strictly: what does not look like it is refused. */
final class ScalarReader {
    private static final Pattern WHOLE = Pattern.compile("-?\\d{1,30}");
    private static final Pattern DECIMAL = Pattern.compile("-?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,5})?");

    private ScalarReader() {}

    /** Whether values of this type are written as one scalar. */
    static boolean reads(Class<?> type) {
        return type.isPrimitive()
                || type.isEnum()
                || List.of(Integer.class, Long.class, Double.class, Boolean.class, String.class, Path.class)
                        .contains(type);
    }

    /** What a value of this type looks like, for messages and lists of settings. */
    static String describe(Class<?> type) {
        if (type.isEnum()) {
            return String.join("|", Choices.namesOf((Enum<?>[]) type.getEnumConstants()));
        }
        if (isWhole(type)) {
            return "a whole number";
        }
        if (type == double.class || type == Double.class) {
            return "a number";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        return type == Path.class ? "a path" : "a text";
    }

    /** The value, or null where the text is not one of the type's. */
    static @Nullable Object read(Class<?> type, ConfigNode.Scalar scalar, String key) {
        String text = scalar.text();
        if (type == String.class) {
            return text;
        }
        if (type == Path.class) {
            return path(text);
        }
        if (type.isEnum()) {
            return constant((Enum<?>[]) type.getEnumConstants(), scalar, key);
        }
        if (scalar.quoted()) {
            return null;
        }
        if (isWhole(type)) {
            return whole(type, text);
        }
        if (type == double.class || type == Double.class) {
            return decimal(text);
        }
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> null;
        };
    }

    private static boolean isWhole(Class<?> type) {
        return type == int.class || type == Integer.class || type == long.class || type == Long.class;
    }

    private static @Nullable Object whole(Class<?> type, String text) {
        if (!WHOLE.matcher(text).matches()) {
            return null;
        }
        BigInteger value = new BigInteger(text);
        if (type == int.class || type == Integer.class) {
            return value.bitLength() < Integer.SIZE ? value.intValueExact() : null;
        }
        return value.bitLength() < Long.SIZE ? value.longValueExact() : null;
    }

    private static @Nullable Object decimal(String text) {
        if (!DECIMAL.matcher(text).matches()) {
            return null;
        }
        double value = Double.parseDouble(text);
        return Double.isInfinite(value) ? null : value;
    }

    private static @Nullable Object path(String text) {
        try {
            return text.isEmpty() ? null : Path.of(text);
        } catch (InvalidPathException e) {
            return null;
        }
    }

    private static Object constant(Enum<?>[] constants, ConfigNode.Scalar scalar, String key) {
        for (Enum<?> constant : constants) {
            if (Choices.same(Choices.nameOf(constant), scalar.text())) {
                return constant;
            }
        }
        throw new ConfigException(
                scalar.origin(), key + ": " + NearestName.unknown("value", scalar.text(), Choices.namesOf(constants)));
    }
}
