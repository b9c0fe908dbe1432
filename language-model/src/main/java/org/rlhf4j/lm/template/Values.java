package org.rlhf4j.lm.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.stream.IntStream;

/**
 * What Python does with the values of a template. They are {@code String}, {@code Boolean}, {@code Long}, {@code Double},
 * {@link None}, {@link Undefined}, {@code List}, {@code Map} (in their order), {@link Tuple}, {@link Range},
 * {@link View}, {@link Lazy}, {@link Namespace} and {@link Callable}.
 */
final class Values {
    private Values() {}

    /** Python's name of the type. */
    static String type(Object value) {
        if (value instanceof String) {
            return "str";
        }
        if (value instanceof Boolean) {
            return "bool";
        }
        if (value instanceof Long) {
            return "int";
        }
        if (value instanceof Double) {
            return "float";
        }
        if (value instanceof None) {
            return "NoneType";
        }
        if (value instanceof Map) {
            return "dict";
        }
        if (value instanceof View view) {
            return view.name();
        }
        return value instanceof Lazy ? "generator" : other(value);
    }

    private static String other(Object value) {
        if (value instanceof List) {
            return "list";
        }
        if (value instanceof Loop) {
            return "LoopContext";
        }
        if (value instanceof Macro) {
            return "Macro";
        }
        return value instanceof Callable
                ? "function"
                : value.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT);
    }

    static boolean isTrue(Object value) {
        if (value instanceof Boolean truth) {
            return truth;
        }
        if (value instanceof String text) {
            return !text.isEmpty();
        }
        if (value instanceof Long number) {
            return number != 0;
        }
        if (value instanceof Double number) {
            return number != 0;
        }
        if (value instanceof None || value instanceof Undefined) {
            return false;
        }
        return !hasLength(value) || length(value) > 0;
    }

    static boolean hasLength(Object value) {
        return value instanceof String
                || value instanceof List
                || value instanceof Map
                || value instanceof Tuple
                || value instanceof Range
                || value instanceof View
                || value instanceof Loop
                || value instanceof Undefined;
    }

    static int length(Object value) {
        if (value instanceof String text) {
            return Text.length(text);
        }
        if (value instanceof Map<?, ?> map) {
            return map.size();
        }
        if (value instanceof Range range) {
            return range.size();
        }
        if (value instanceof View view) {
            return view.items().size();
        }
        if (value instanceof Loop loop) {
            return loop.length();
        }
        if (value instanceof Undefined) {
            return 0;
        }
        if (value instanceof List || value instanceof Tuple) {
            return items(value).size();
        }
        throw new TemplateException("object of type '" + type(value) + "' has no len()");
    }

    /** The elements of a list or a tuple. */
    @SuppressWarnings("unchecked") // lists of a template hold its values
    static List<Object> items(Object value) {
        return value instanceof Tuple tuple ? tuple.items() : (List<Object>) value;
    }

    static boolean isIterable(Object value) {
        return value instanceof Lazy || (hasLength(value) && !(value instanceof Loop)) || value instanceof Loop;
    }

    /** The elements of a value, each of which costs a step. */
    static Iterator<Object> iterate(Render render, Object value) {
        if (!isIterable(value)) {
            throw new TemplateException("'" + type(value) + "' object is not iterable");
        }
        Iterator<Object> elements = elements(value);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return elements.hasNext();
            }

            @Override
            public Object next() {
                render.budget().step();
                return elements.next();
            }
        };
    }

    @SuppressWarnings("unchecked") // keys of a template's maps are its values
    private static Iterator<Object> elements(Object value) {
        if (value instanceof String text) {
            PrimitiveIterator.OfInt points = text.codePoints().iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return points.hasNext();
                }

                @Override
                public Object next() {
                    return Character.toString(points.nextInt());
                }
            };
        }
        if (value instanceof Map<?, ?> map) {
            return ((Map<Object, Object>) map).keySet().iterator();
        }
        if (value instanceof Range range) {
            return IntStream.range(0, range.size()).mapToObj(range::get).iterator();
        }
        if (value instanceof View view) {
            return view.items().iterator();
        }
        if (value instanceof Lazy lazy) {
            return lazy.elements();
        }
        if (value instanceof Loop loop) {
            return loop.elements();
        }
        return value instanceof Undefined
                ? Collections.emptyIterator()
                : items(value).iterator();
    }

    /** Python's {@code list}. */
    static List<Object> list(Render render, Object value) {
        List<Object> items = new ArrayList<>();
        for (Iterator<Object> elements = iterate(render, value); elements.hasNext(); ) {
            render.budget().make(1);
            items.add(elements.next());
        }
        return items;
    }

    static long integer(Object value) {
        if (value instanceof Long number) {
            return number;
        }
        if (value instanceof Boolean truth) {
            return truth ? 1 : 0;
        }
        throw value instanceof Undefined undefined
                ? undefined.failure()
                : new TemplateException("'" + type(value) + "' object cannot be interpreted as an integer");
    }

    /** A number that fits an index or a count. */
    static int count(Object value) {
        return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, integer(value)));
    }

    static String text(Object value, String what) {
        if (value instanceof String text) {
            return text;
        }
        throw value instanceof Undefined undefined
                ? undefined.failure()
                : new TemplateException(what + " must be str, not " + type(value));
    }

    /** What can be a key: values that never change. */
    static Object key(Object value) {
        if (value instanceof String || value instanceof Number || value instanceof None || value instanceof Boolean) {
            return value;
        }
        throw new TemplateException("unhashable type: '" + type(value) + "'");
    }
}
