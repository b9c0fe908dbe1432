package org.rlhf4j.lm.template;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Jinja's tests: what follows {@code is}. */
final class Tests {
    private interface Test {
        boolean holds(Render render, Object value, Arguments arguments);
    }

    private interface Plain {
        boolean holds(Object value);
    }

    private static final Set<Class<?>> CONSTANTS = Set.of(Boolean.class, None.class);

    private static final Map<String, Test> TESTS = Map.ofEntries(
            plain("defined", value -> !(value instanceof Undefined)),
            plain("undefined", value -> value instanceof Undefined),
            plain("none", value -> value instanceof None),
            plain("boolean", value -> value instanceof Boolean),
            plain("true", value -> value.equals(true)),
            plain("false", value -> value.equals(false)),
            plain("integer", value -> value instanceof Long),
            plain("float", value -> value instanceof Double),
            plain("number", Comparisons::isNumber),
            plain("string", value -> value instanceof String),
            plain("mapping", value -> value instanceof Map),
            plain("iterable", Values::isIterable),
            plain("sequence", value -> Values.hasLength(value) && !(value instanceof View) && !(value instanceof Loop)),
            plain("callable", value -> value instanceof Callable || value instanceof Undefined),
            plain("escaped", value -> false),
            plain("odd", value -> Math.floorMod(Values.integer(value), 2L) == 1),
            plain("even", value -> Math.floorMod(Values.integer(value), 2L) == 0),
            plain("filter", value -> value instanceof String name && Filters.has(name)),
            plain("test", value -> value instanceof String name && has(name)),
            Map.entry(
                    "lower",
                    (render, value, arguments) -> StringMethods.isCase(
                            Printer.print(render.budget(), value), Character::isLowerCase, Character::isUpperCase)),
            Map.entry(
                    "upper",
                    (render, value, arguments) -> StringMethods.isCase(
                            Printer.print(render.budget(), value), Character::isUpperCase, Character::isLowerCase)),
            Map.entry(
                    "divisibleby",
                    (render, value, arguments) -> Arithmetic.apply(render, "%", value, arguments.only("divisibleby"))
                            .equals(0L)),
            Map.entry("sameas", (render, value, arguments) -> same(render, value, arguments.only("sameas"))),
            Map.entry(
                    "in",
                    (render, value, arguments) -> render.comparisons().contains(render, arguments.only("in"), value)));

    private static final Map<String, String> COMPARISONS = Map.ofEntries(
            Map.entry("==", "=="),
            Map.entry("eq", "=="),
            Map.entry("equalto", "=="),
            Map.entry("!=", "!="),
            Map.entry("ne", "!="),
            Map.entry(">", ">"),
            Map.entry("gt", ">"),
            Map.entry("greaterthan", ">"),
            Map.entry(">=", ">="),
            Map.entry("ge", ">="),
            Map.entry("<", "<"),
            Map.entry("lt", "<"),
            Map.entry("lessthan", "<"),
            Map.entry("<=", "<="),
            Map.entry("le", "<="));

    private Tests() {}

    private static Map.Entry<String, Test> plain(String name, Plain test) {
        return Map.entry(name, (render, value, arguments) -> {
            arguments.requireNone(name);
            return test.holds(value);
        });
    }

    /** Identity, which only constants, short texts and small numbers share in Python. */
    private static boolean same(Render render, Object value, Object other) {
        return value == other
                || (value.getClass() == other.getClass()
                        && (CONSTANTS.contains(value.getClass()) || value instanceof String || value instanceof Long)
                        && render.comparisons().equal(value, other));
    }

    static boolean has(String name) {
        return TESTS.containsKey(name) || COMPARISONS.containsKey(name);
    }

    static boolean holds(Render render, String name, Object value, Arguments arguments) {
        @Nullable String operator = COMPARISONS.get(name);
        if (operator != null) {
            return render.comparisons().holds(operator, value, arguments.only(name));
        }
        @Nullable Test test = TESTS.get(name);
        if (test == null) {
            throw new TemplateException("No test named '" + name + "'.");
        }
        return test.holds(render, value, arguments);
    }

    /** The test that arguments of a filter name: first its name, then its own arguments. */
    static boolean chosen(Render render, Object value, Arguments arguments) {
        List<Object> given = arguments.positional();
        return given.isEmpty()
                ? Values.isTrue(value)
                : holds(render, Values.text(given.get(0), "the name of a test"), value, arguments.rest(1));
    }
}
