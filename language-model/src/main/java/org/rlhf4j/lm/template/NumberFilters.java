package org.rlhf4j.lm.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Filters that give numbers. */
final class NumberFilters {
    static final Map<String, Filters.Filter> FILTERS = Map.of(
            "abs", NumberFilters::abs,
            "int", NumberFilters::toInteger,
            "float", NumberFilters::toReal,
            "round", NumberFilters::round,
            "sum", NumberFilters::sum,
            "length", NumberFilters::length,
            "count", NumberFilters::length);

    private NumberFilters() {}

    private static Object abs(Render render, Object value, Arguments arguments) {
        arguments.requireNone("abs");
        if (value instanceof Double number) {
            return Math.abs(number);
        }
        long number = Values.integer(value);
        return number < 0 ? Arithmetic.signed(render, number, true) : number;
    }

    private static Object length(Render render, Object value, Arguments arguments) {
        arguments.requireNone("length");
        if (value instanceof String text) {
            render.budget().read(text.length());
        }
        return (long) Values.length(value);
    }

    private static Object toInteger(Render render, Object value, Arguments arguments) {
        Map<String, Object> given = arguments.bind("int", "default", "base");
        Object otherwise = given.getOrDefault("default", 0L);
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (value instanceof String text) {
            String digits = clean(text);
            int base = Values.count(given.getOrDefault("base", 10L));
            if (base != 10) {
                digits = digits.toLowerCase(Locale.ROOT)
                        .replaceFirst(base == 16 ? "^0x" : base == 8 ? "^0o" : "^0b", "");
            }
            if (base < 2 || base > 36) {
                throw new TemplateException("int() base must be >= 2 and <= 36");
            }
            try {
                return number(new BigInteger(digits, base));
            } catch (NumberFormatException e) {
                @Nullable Double real = real(digits);
                return real == null || Double.isNaN(real) || Double.isInfinite(real) ? otherwise : truncated(real);
            }
        }
        if (value instanceof Double number) {
            return Double.isNaN(number) || Double.isInfinite(number) ? otherwise : truncated(number);
        }
        return Comparisons.isNumber(value) ? (Object) Values.integer(value) : otherwise;
    }

    private static Object truncated(double value) {
        return number(new BigDecimal(value).toBigInteger());
    }

    private static Object number(BigInteger value) {
        if (value.bitLength() > 63) {
            throw new TemplateException("the number " + value + " has more than 64 bits");
        }
        return value.longValue();
    }

    /** Without the white space at its ends and the underscores between digits. */
    private static String clean(String text) {
        String stripped = Text.strip(text, true, true, null);
        return stripped.length() > 400 ? "" : stripped.replaceAll("(?<=[0-9])_(?=[0-9])", "");
    }

    private static Object toReal(Render render, Object value, Arguments arguments) {
        Object otherwise = arguments.bind("float", "default").getOrDefault("default", 0.0);
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (value instanceof String text) {
            @Nullable Double real = real(clean(text));
            return real == null ? otherwise : real;
        }
        return Comparisons.isNumber(value) ? (Object) Arithmetic.real(value) : otherwise;
    }

    /** A number as Python's {@code float} reads it, or null. */
    private static @Nullable Double real(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.matches("[+-]?(inf|infinity|nan)")) {
            double value = lower.endsWith("nan") ? Double.NaN : Double.POSITIVE_INFINITY;
            return lower.startsWith("-") ? -value : value;
        }
        return lower.matches("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)(e[+-]?[0-9]+)?") ? Double.valueOf(lower) : null;
    }

    private static Object round(Render render, Object value, Arguments arguments) {
        Map<String, Object> given = arguments.bind("round", "precision", "method");
        int precision = Math.max(-400, Math.min(400, Values.count(given.getOrDefault("precision", 0L))));
        Object method = given.getOrDefault("method", "common");
        if (!(value instanceof Double)) {
            Values.integer(value);
        }
        if (method.equals("common")) {
            if (value instanceof Double number) {
                return Double.isNaN(number) || Double.isInfinite(number)
                        ? number
                        : new BigDecimal(number)
                                .setScale(precision, RoundingMode.HALF_EVEN)
                                .doubleValue();
            }
            return precision >= 0
                    ? (Object) Values.integer(value)
                    : number(new BigDecimal(Values.integer(value))
                            .setScale(precision, RoundingMode.HALF_EVEN)
                            .toBigInteger());
        }
        if (!method.equals("ceil") && !method.equals("floor")) {
            throw new TemplateException("method must be common, ceil or floor");
        }
        double factor = Math.pow(10, precision);
        double scaled = Arithmetic.real(value) * factor;
        return (method.equals("ceil") ? Math.ceil(scaled) : Math.floor(scaled)) / factor;
    }

    private static Object sum(Render render, Object value, Arguments arguments) {
        Map<String, Object> given = arguments.bind("sum", "attribute", "start");
        Object total = given.getOrDefault("start", 0L);
        Object attribute = given.getOrDefault("attribute", None.NONE);
        for (Iterator<Object> items = Values.iterate(render, value); items.hasNext(); ) {
            Object item = ListFilters.path(render, items.next(), attribute);
            if (item instanceof String && total instanceof String) {
                throw new TemplateException("sum() can't sum strings [use ''.join(seq) instead]");
            }
            total = Arithmetic.apply(render, "+", total, item);
        }
        return total;
    }
}
