package org.rlhf4j.lm.template;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Values as Python prints them. */
final class Printer {
    private final Budget budget;
    private final StringBuilder out = new StringBuilder();

    private Printer(Budget budget) {
        this.budget = budget;
    }

    /** Python's {@code str}. */
    static String print(Budget budget, Object value) {
        if (value instanceof String text) {
            return text;
        }
        if (value instanceof Undefined) {
            return "";
        }
        return repr(budget, value);
    }

    /** Python's {@code repr}. */
    static String repr(Budget budget, Object value) {
        Printer printer = new Printer(budget);
        printer.append(value, 0);
        return printer.out.toString();
    }

    /** A key, for messages. */
    static String plain(Object key) {
        return key instanceof List || key instanceof Map ? Values.type(key) : repr(new Budget(), key);
    }

    private void write(String text) {
        budget.make(text.length());
        out.append(text);
    }

    private void append(Object value, int depth) {
        Budget.requireNesting(depth);
        budget.step();
        if (value instanceof String text) {
            write(quoted(text));
        } else if (value instanceof Boolean truth) {
            write(truth ? "True" : "False");
        } else if (value instanceof Double number) {
            write(number(number));
        } else if (value instanceof None) {
            write("None");
        } else if (value instanceof Undefined) {
            write("Undefined");
        } else if (value instanceof List<?> list) {
            items("[", list, "]", depth);
        } else if (value instanceof Tuple tuple) {
            items("(", tuple.items(), tuple.items().size() == 1 ? ",)" : ")", depth);
        } else if (value instanceof Map<?, ?> map) {
            entries(map, depth);
        } else if (value instanceof Range range) {
            write("range(" + range.start() + ", " + range.stop() + (range.step() == 1 ? "" : ", " + range.step())
                    + ")");
        } else if (value instanceof View view) {
            items(view.name() + "([", view.items(), "])", depth);
        } else if (value instanceof Long number) {
            write(number.toString());
        } else {
            throw new TemplateException("a " + Values.type(value) + " is printed, which shows an address in Python");
        }
    }

    private void items(String open, List<?> items, String close, int depth) {
        write(open);
        String between = "";
        for (Object item : items) {
            write(between);
            append(item, depth + 1);
            between = ", ";
        }
        write(close);
    }

    private void entries(Map<?, ?> map, int depth) {
        write("{");
        for (Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator(); entries.hasNext(); ) {
            Map.Entry<?, ?> entry = entries.next();
            append(entry.getKey(), depth + 1);
            write(": ");
            append(entry.getValue(), depth + 1);
            write(entries.hasNext() ? ", " : "");
        }
        write("}");
    }

    /** The shortest digits that give the number back, as Python writes them. */
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        BigDecimal exact = new BigDecimal(value);
        BigDecimal shortest = exact;
        for (int digits = 1; digits <= 17; digits++) {
            shortest = exact.round(new MathContext(digits));
            if (shortest.doubleValue() == value) {
                break;
            }
        }
        shortest = shortest.stripTrailingZeros();
        String digits = shortest.unscaledValue().abs().toString();
        int exponent = digits.length() - 1 - shortest.scale();
        String sign = value < 0 ? "-" : "";
        if (exponent < -4 || exponent >= 16) {
            String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
            return sign + digits.charAt(0) + fraction + String.format(Locale.ROOT, "e%+03d", exponent);
        }
        String plain = shortest.toPlainString();
        return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }

    /** A text in quotes: single ones, unless it holds those and no double ones. */
    private static String quoted(String text) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        StringBuilder quoted = new StringBuilder().append(quote);
        text.codePoints().forEach(point -> {
            if (point == quote || point == '\\') {
                quoted.append('\\').appendCodePoint(point);
            } else if (point == '\n' || point == '\r' || point == '\t') {
                quoted.append(point == '\n' ? "\\n" : point == '\r' ? "\\r" : "\\t");
            } else if (StringMethods.isPrintable(point)) {
                quoted.appendCodePoint(point);
            } else {
                String form = point < 256 ? "\\x%02x" : point < 65536 ? "\\u%04x" : "\\U%08x";
                quoted.append(String.format(Locale.ROOT, form, point));
            }
        });
        return quoted.append(quote).toString();
    }
}
