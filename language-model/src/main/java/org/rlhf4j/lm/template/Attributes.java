package org.rlhf4j.lm.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Attributes and elements of values. Methods are those listed here and in {@link StringMethods}; a name that starts with an
 * underscore, or a method that would change its value, is never reached.
 */
final class Attributes {
    private static final Map<String, Set<String>> CHANGING = Map.of(
            "list", Set.of("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"),
            "dict", Set.of("clear", "pop", "popitem", "setdefault", "update"));

    private Attributes() {}

    /** {@code object.name}: an attribute, or else an element. */
    static Object attribute(Render render, Object object, String name) {
        if (object instanceof Undefined undefined) {
            throw undefined.failure();
        }
        Object method = own(object, name);
        if (method != null) {
            return method;
        }
        Object element = element(render, object, name);
        return element == null ? Undefined.element(object, name) : element;
    }

    /** {@code object[key]}: an element, or else an attribute. */
    static Object item(Render render, Object object, Object key) {
        if (object instanceof Undefined undefined) {
            throw undefined.failure();
        }
        Object element = element(render, object, key);
        if (element == null && key instanceof String name) {
            element = own(object, name);
        }
        return element == null ? Undefined.element(object, key) : element;
    }

    /** An attribute alone. */
    static Object attributeOnly(Object object, String name) {
        if (object instanceof Undefined undefined) {
            throw undefined.failure();
        }
        Object found = own(object, name);
        return found == null ? Undefined.element(object, name) : found;
    }

    private static @Nullable Object element(Render render, Object object, Object key) {
        if (object instanceof Map<?, ?> map) {
            return key instanceof List || key instanceof Map || key instanceof Undefined ? null : map.get(key);
        }
        boolean indexed = object instanceof String
                || object instanceof List
                || object instanceof Tuple
                || object instanceof Range;
        if (!indexed || !(key instanceof Long || key instanceof Boolean)) {
            return null;
        }
        if (object instanceof String text) {
            render.budget().read(text.length());
        }
        int length = Values.length(object);
        long given = Values.integer(key);
        long index = given < 0 ? given + length : given;
        if (index < 0 || index >= length) {
            return null;
        }
        if (object instanceof String text) {
            return Text.at(text, (int) index);
        }
        return object instanceof Range range
                ? range.get((int) index)
                : Values.items(object).get((int) index);
    }

    private static @Nullable Object own(Object object, String name) {
        if (object instanceof Namespace namespace) {
            return namespace.attributes().get(name);
        }
        if (object instanceof Loop loop) {
            return loop.attribute(name);
        }
        if (name.startsWith("__")
                || CHANGING.getOrDefault(Values.type(object), Set.of()).contains(name)) {
            return new Undefined(
                    "access to attribute '" + name + "' of '" + Values.type(object) + "' object is unsafe.");
        }
        if (object instanceof String text) {
            return StringMethods.method(text, name);
        }
        if (object instanceof Map<?, ?> map) {
            return method(map, name);
        }
        if (object instanceof List || object instanceof Tuple) {
            return method(object, name);
        }
        return object instanceof Macro macro && name.equals("name") ? macro.name() : null;
    }

    private static @Nullable Callable method(Map<?, ?> map, String name) {
        return switch (name) {
            case "get" ->
                (render, arguments) -> {
                    if (arguments.size() < 1
                            || arguments.size() > 2
                            || !arguments.named().isEmpty()) {
                        throw new TemplateException("get() takes a key and a default");
                    }
                    Object value = map.get(Values.key(arguments.get(0)));
                    Object absent = arguments.size() > 1 ? arguments.get(1) : None.NONE;
                    return value == null ? absent : value;
                };
            case "keys" -> (render, arguments) -> view(render, arguments, name, new ArrayList<>(map.keySet()));
            case "values" -> (render, arguments) -> view(render, arguments, name, new ArrayList<>(map.values()));
            case "items" -> (render, arguments) -> view(render, arguments, name, pairs(map));
            case "copy" ->
                (render, arguments) -> {
                    arguments.requireNone(name);
                    render.budget().make(map.size());
                    return new LinkedHashMap<>(map);
                };
            default -> null;
        };
    }

    private static Object view(Render render, Arguments arguments, String name, List<Object> items) {
        arguments.requireNone(name);
        render.budget().make(items.size());
        return new View("dict_" + name, items);
    }

    /** The entries of a map as tuples. */
    static List<Object> pairs(Map<?, ?> map) {
        List<Object> pairs = new ArrayList<>();
        map.forEach((key, value) -> pairs.add(Tuple.of(key, value)));
        return pairs;
    }

    private static @Nullable Callable method(Object list, String name) {
        return switch (name) {
            case "count" ->
                (render, arguments) -> {
                    Object wanted = arguments.only(name);
                    return Values.items(list).stream()
                            .filter(item -> render.comparisons().equal(item, wanted))
                            .count();
                };
            case "index" ->
                (render, arguments) -> {
                    Object wanted = arguments.only(name);
                    List<Object> items = Values.items(list);
                    for (int i = 0; i < items.size(); i++) {
                        if (render.comparisons().equal(items.get(i), wanted)) {
                            return (long) i;
                        }
                    }
                    throw new TemplateException(Printer.plain(wanted) + " is not in list");
                };
            case "copy" ->
                list instanceof Tuple
                        ? null
                        : (render, arguments) -> {
                            arguments.requireNone(name);
                            render.budget().make(Values.items(list).size());
                            return new ArrayList<>(Values.items(list));
                        };
            default -> null;
        };
    }
}
