package org.rlhf4j.lm.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Filters of lists and dictionaries. */
final class ListFilters {
    static final Map<String, Filters.Filter> FILTERS = Map.ofEntries(
            Map.entry("list", (render, value, arguments) -> Values.list(render, value)),
            Map.entry("first", ListFilters::first),
            Map.entry("last", ListFilters::last),
            Map.entry("reverse", ListFilters::reverse),
            Map.entry("items", ListFilters::items),
            Map.entry("dictsort", ListFilters::dictSort),
            Map.entry("sort", ListFilters::sort),
            Map.entry("unique", ListFilters::unique),
            Map.entry("min", (render, value, arguments) -> extreme(render, value, arguments, "min")),
            Map.entry("max", (render, value, arguments) -> extreme(render, value, arguments, "max")),
            Map.entry("groupby", ListFilters::groupBy),
            Map.entry("batch", ListFilters::batch),
            Map.entry("slice", ListFilters::slice),
            Map.entry("map", ListFilters::map),
            Map.entry("select", (render, value, arguments) -> select(render, value, arguments, true)),
            Map.entry("reject", (render, value, arguments) -> select(render, value, arguments, false)),
            Map.entry("selectattr", (render, value, arguments) -> selectByAttribute(render, value, arguments, true)),
            Map.entry("rejectattr", (render, value, arguments) -> selectByAttribute(render, value, arguments, false)));

    private ListFilters() {}

    /** What an attribute such as {@code function.name} or {@code 0} finds in a value; the value where it is none. */
    static Object path(Render render, Object value, Object attribute) {
        if (attribute == None.NONE) {
            return value;
        }
        if (!(attribute instanceof String path)) {
            return Attributes.item(render, value, attribute);
        }
        Object found = value;
        for (String part : path.split("\\.", -1)) {
            found = Attributes.item(render, found, part.matches("[0-9]{1,9}") ? (Object) Long.valueOf(part) : part);
        }
        return found;
    }

    private static Object folded(Object value, boolean caseSensitive) {
        return value instanceof String text && !caseSensitive ? Text.lower(text) : value;
    }

    /** The key that a filter's arguments choose of an element. */
    private static Function<Object, Object> key(Render render, Map<String, Object> given) {
        boolean caseSensitive = Values.isTrue(given.getOrDefault("case_sensitive", false));
        Object attribute = given.getOrDefault("attribute", None.NONE);
        return item -> folded(path(render, item, attribute), caseSensitive);
    }

    private static List<Object> sorted(
            Render render, List<Object> items, Function<Object, Object> key, boolean reverse) {
        record Keyed(Object key, Object item) {}
        List<Keyed> keyed = new ArrayList<>();
        items.forEach(item -> keyed.add(new Keyed(key.apply(item), item)));
        Comparator<Keyed> order = (a, b) -> render.comparisons().compare(a.key, b.key, "<");
        keyed.sort(reverse ? order.reversed() : order);
        List<Object> sorted = new ArrayList<>();
        keyed.forEach(entry -> sorted.add(entry.item));
        render.budget().make(sorted.size());
        return sorted;
    }

    private static Object first(Render render, Object value, Arguments arguments) {
        arguments.requireNone("first");
        Iterator<Object> items = Values.iterate(render, value);
        return items.hasNext() ? items.next() : new Undefined("No first item, sequence was empty.");
    }

    private static Object last(Render render, Object value, Arguments arguments) {
        arguments.requireNone("last");
        if (value instanceof Lazy) {
            throw new TemplateException("'generator' object is not reversible");
        }
        List<Object> items = Values.list(render, value);
        return items.isEmpty() ? new Undefined("No last item, sequence was empty.") : items.get(items.size() - 1);
    }

    private static Object reverse(Render render, Object value, Arguments arguments) {
        arguments.requireNone("reverse");
        if (value instanceof String text) {
            int[] points = text.codePoints().toArray();
            render.budget().make(points.length);
            StringBuilder reversed = new StringBuilder();
            for (int i = points.length - 1; i >= 0; i--) {
                reversed.appendCodePoint(points[i]);
            }
            return reversed.toString();
        }
        List<Object> items = Values.list(render, value);
        Collections.reverse(items);
        return value instanceof Lazy ? items : new Lazy(items.iterator());
    }

    private static Object items(Render render, Object value, Arguments arguments) {
        arguments.requireNone("items");
        if (value instanceof Undefined) {
            return new Lazy(Collections.emptyIterator());
        }
        if (value instanceof Map<?, ?> map) {
            render.budget().make(map.size());
            return new Lazy(Attributes.pairs(map).iterator());
        }
        throw new TemplateException("Can only get item pairs from a mapping.");
    }

    private static Object dictSort(Render render, Object value, Arguments arguments) {
        Map<String, Object> given = arguments.bind("dictsort", "case_sensitive", "by", "reverse");
        Object by = given.getOrDefault("by", "key");
        if (!by.equals("key") && !by.equals("value")) {
            throw new TemplateException("You can only sort by either \"key\" or \"value\"");
        }
        if (!(value instanceof Map<?, ?> map)) {
            throw value instanceof Undefined undefined
                    ? undefined.failure()
                    : new TemplateException("'" + Values.type(value) + "' object has no attribute 'items'");
        }
        boolean caseSensitive = Values.isTrue(given.getOrDefault("case_sensitive", false));
        int part = by.equals("key") ? 0 : 1;
        return sorted(
                render,
                Attributes.pairs(map),
                pair -> folded(((Tuple) pair).items().get(part), caseSensitive),
                Values.isTrue(given.getOrDefault("reverse", false)));
    }

    private static Object sort(Render render, Object value, Arguments arguments) {
        Map<String, Object> given = arguments.bind("sort", "reverse", "case_sensitive", "attribute");
        boolean caseSensitive = Values.isTrue(given.getOrDefault("case_sensitive", false));
        Object attribute = given.getOrDefault("attribute", None.NONE);
        List<?> paths = attribute instanceof String text ? List.of(text.split(",", -1)) : List.of(attribute);
        return sorted(
                render,
                Values.list(render, value),
                item -> {
                    List<Object> keys = new ArrayList<>();
                    paths.forEach(path -> keys.add(folded(path(render, item, path), caseSensitive)));
                    return keys;
                },
                Values.isTrue(given.getOrDefault("reverse", false)));
    }

    private static Object unique(Render render, Object value, Arguments arguments) {
        Function<Object, Object> key = key(render, arguments.bind("unique", "case_sensitive", "attribute"));
        Set<Object> seen = new HashSet<>();
        return Lazy.filter(Values.iterate(render, value), item -> seen.add(Values.key(key.apply(item))));
    }

    private static Object extreme(Render render, Object value, Arguments arguments, String name) {
        Function<Object, Object> key = key(render, arguments.bind(name, "case_sensitive", "attribute"));
        Iterator<Object> items = Values.iterate(render, value);
        if (!items.hasNext()) {
            return new Undefined("No aggregated item, sequence was empty.");
        }
        Object best = items.next();
        while (items.hasNext()) {
            Object item = items.next();
            int order = render.comparisons().compare(key.apply(item), key.apply(best), name.equals("min") ? "<" : ">");
            best = name.equals("min") ? (order < 0 ? item : best) : (order > 0 ? item : best);
        }
        return best;
    }

    private static Object groupBy(Render render, Object value, Arguments arguments) {
        Map<String, Object> given = arguments.bind("groupby", "attribute", "default", "case_sensitive");
        boolean caseSensitive = Values.isTrue(given.getOrDefault("case_sensitive", false));
        Function<Object, Object> exact = item -> {
            Object found = path(render, item, given.getOrDefault("attribute", None.NONE));
            return found instanceof Undefined ? given.getOrDefault("default", found) : found;
        };
        Function<Object, Object> key = item -> folded(exact.apply(item), caseSensitive);
        List<Object> groups = new ArrayList<>();
        List<Object> group = new ArrayList<>();
        for (Object item : sorted(render, Values.list(render, value), key, false)) {
            if (group.isEmpty() || !render.comparisons().equal(key.apply(group.get(0)), key.apply(item))) {
                group = new ArrayList<>();
                groups.add(Tuple.of(exact.apply(item), group));
            }
            group.add(item);
        }
        return groups;
    }

    private static Object batch(Render render, Object value, Arguments arguments) {
        Map<String, Object> given = arguments.bind("batch", "linecount", "fill_with");
        long size = Values.integer(given.getOrDefault("linecount", 0L));
        List<Object> batches = new ArrayList<>();
        List<Object> batch = new ArrayList<>();
        for (Object item : Values.list(render, value)) {
            if (batch.isEmpty() || batch.size() == size) {
                batch = new ArrayList<>();
                batches.add(batch);
            }
            batch.add(item);
        }
        fill(render, batch, given, size);
        return new Lazy(batches.iterator());
    }

    private static void fill(Render render, List<Object> list, Map<String, Object> given, long size) {
        Object filling = given.getOrDefault("fill_with", None.NONE);
        if (filling != None.NONE && !list.isEmpty() && list.size() < size) {
            render.budget().make(size - list.size());
            while (list.size() < size) {
                list.add(filling);
            }
        }
    }

    private static Object slice(Render render, Object value, Arguments arguments) {
        Map<String, Object> given = arguments.bind("slice", "slices", "fill_with");
        List<Object> items = Values.list(render, value);
        int count = Values.count(given.getOrDefault("slices", 0L));
        if (count < 1) {
            throw new TemplateException("slice needs a positive number of slices");
        }
        render.budget().make(count);
        int extra = items.size() % count;
        int size = items.size() / count;
        List<Object> slices = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int from = i * size + Math.min(i, extra);
            List<Object> slice = new ArrayList<>(items.subList(from, from + size + (i < extra ? 1 : 0)));
            if (i >= extra && given.getOrDefault("fill_with", None.NONE) != None.NONE) {
                slice.add(given.getOrDefault("fill_with", None.NONE));
            }
            slices.add(slice);
        }
        return new Lazy(slices.iterator());
    }

    private static Object map(Render render, Object value, Arguments arguments) {
        if (!Values.isTrue(value)) {
            return new Lazy(Collections.emptyIterator());
        }
        if (arguments.size() == 0 && arguments.named().containsKey("attribute")) {
            Map<String, Object> given = arguments.bind("map", "attribute", "default");
            Object attribute = given.getOrDefault("attribute", None.NONE);
            Object otherwise = given.getOrDefault("default", None.NONE);
            return Lazy.map(Values.iterate(render, value), item -> {
                Object found = path(render, item, attribute);
                return found instanceof Undefined && otherwise != None.NONE ? otherwise : found;
            });
        }
        if (arguments.size() == 0) {
            throw new TemplateException("map requires a filter argument");
        }
        String filter = Values.text(arguments.get(0), "the name of a filter");
        return Lazy.map(Values.iterate(render, value), item -> Filters.apply(render, filter, item, arguments.rest(1)));
    }

    private static Object select(Render render, Object value, Arguments arguments, boolean wanted) {
        if (!Values.isTrue(value)) {
            return new Lazy(Collections.emptyIterator());
        }
        return Lazy.filter(Values.iterate(render, value), item -> Tests.chosen(render, item, arguments) == wanted);
    }

    private static Object selectByAttribute(Render render, Object value, Arguments arguments, boolean wanted) {
        if (!Values.isTrue(value)) {
            return new Lazy(Collections.emptyIterator());
        }
        if (arguments.size() == 0) {
            throw new TemplateException("Missing parameter for attribute name");
        }
        Object attribute = arguments.get(0);
        Arguments test = arguments.rest(1);
        return Lazy.filter(
                Values.iterate(render, value),
                item -> Tests.chosen(render, path(render, item, attribute), test) == wanted);
    }
}
