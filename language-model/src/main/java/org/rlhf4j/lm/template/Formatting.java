package org.rlhf4j.lm.template;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Python's two ways to put values into a text: {@code %} and {@code format}. */
final class Formatting {
    private static final Pattern PERCENT = Pattern.compile(
            "%(?:\\((?<key>[^)]*)\\))?(?<flags>[-+ #0]*)(?<width>[0-9]{0,6})(?:\\.(?<digits>[0-9]{0,3}))?"
                    + "(?<kind>[a-zA-Z%])");
    private static final Pattern FIELD = Pattern.compile("\\{\\{|\\}\\}|\\{(?<name>[A-Za-z0-9_]*)\\}|[{}]");

    private Formatting() {}

    static String percent(Render render, String format, Object values) {
        List<Object> items = values instanceof Tuple tuple ? tuple.items() : List.of(values);
        StringBuilder out = new StringBuilder();
        Matcher field = PERCENT.matcher(format);
        int at = 0;
        int next = 0;
        for (int place = format.indexOf('%'); place >= 0; place = format.indexOf('%', at)) {
            out.append(format, at, place);
            if (!field.region(place, format.length()).lookingAt()) {
                throw new TemplateException("unsupported format character");
            }
            at = field.end();
            if (field.group("kind").equals("%")) {
                out.append('%');
                continue;
            }
            Object value;
            if (field.group("key") != null) {
                Object found = values instanceof Map<?, ?> map ? map.get(field.group("key")) : null;
                if (found == null) {
                    throw new TemplateException("format requires a mapping with '" + field.group("key") + "'");
                }
                value = found;
            } else if (next < items.size()) {
                value = items.get(next++);
            } else {
                throw new TemplateException("not enough arguments for format string");
            }
            out.append(render.budget().made(field(render, field, value)));
        }
        if (next < items.size() && !(values instanceof Map)) {
            throw new TemplateException("not all arguments converted during string formatting");
        }
        return render.budget().made(out.append(format.substring(at)).toString());
    }

    private static String field(Render render, Matcher field, Object value) {
        String digits = field.group("digits");
        int precision = digits == null ? -1 : digits.isEmpty() ? 0 : Integer.parseInt(digits);
        String text =
                switch (field.group("kind")) {
                    case "s" -> cut(Printer.print(render.budget(), value), precision);
                    case "r" -> cut(Printer.repr(render.budget(), value), precision);
                    case "d", "i", "u" -> Long.toString(whole(value));
                    case "x" -> Long.toString(whole(value), 16);
                    case "o" -> Long.toString(whole(value), 8);
                    case "f", "F" ->
                        new BigDecimal(Arithmetic.real(value))
                                .setScale(precision < 0 ? 6 : precision, RoundingMode.HALF_EVEN)
                                .toPlainString();
                    default -> throw new TemplateException("the format %" + field.group("kind") + " is not supported");
                };
        boolean number = !"sr".contains(field.group("kind"));
        String flags = field.group("flags");
        String sign =
                number && !text.startsWith("-") ? (flags.contains("+") ? "+" : flags.contains(" ") ? " " : "") : "";
        String width = field.group("width");
        long wide = width.isEmpty() ? 0 : Long.parseLong(width);
        boolean left = flags.contains("-");
        if (number && flags.contains("0") && !left) {
            String all = sign + text;
            int signs = all.startsWith("-") || all.startsWith("+") || all.startsWith(" ") ? 1 : 0;
            String filled = StringMethods.justified(render.budget(), all.substring(signs), wide - signs, "0", 1, 0);
            return all.substring(0, signs) + filled;
        }
        return StringMethods.justified(render.budget(), sign + text, wide, " ", left ? 0 : 1, left ? 1 : 0);
    }

    private static long whole(Object value) {
        return value instanceof Double number ? (long) (double) number : Values.integer(value);
    }

    private static String cut(String text, int precision) {
        return precision < 0 || Text.length(text) <= precision ? text : Text.slice(text, 0, precision);
    }

    /** {@code str.format} with fields by order, index or name; conversions and format specifications are not supported. */
    static Object braces(Render render, String format, Arguments arguments) {
        StringBuilder out = new StringBuilder();
        Matcher field = FIELD.matcher(format);
        int at = 0;
        int next = 0;
        while (field.find()) {
            out.append(format, at, field.start());
            at = field.end();
            String name = field.group("name");
            if (name == null) {
                if (field.group().length() == 1) {
                    throw new TemplateException("the format \"" + format + "\" has fields that are not supported");
                }
                out.append(field.group().charAt(0));
                continue;
            }
            Object value;
            if (name.isEmpty() || Character.isDigit(name.charAt(0))) {
                value = arguments.get(name.isEmpty() ? next++ : index(name));
            } else if (arguments.named().containsKey(name)) {
                value = arguments.named().get(name);
            } else {
                throw new TemplateException("format has no argument '" + name + "'");
            }
            out.append(render.budget().made(Printer.print(render.budget(), value)));
        }
        return out.append(format.substring(at)).toString();
    }

    private static int index(String name) {
        if (!name.matches("[0-9]{1,6}")) {
            throw new TemplateException("format has no argument '" + name + "'");
        }
        return Integer.parseInt(name);
    }
}
