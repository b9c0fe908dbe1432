package org.rlhf4j.lm.template;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Jinja's filters: what follows a bar. */
final class Filters {
    /** A filter: gets the value before the bar. */
    interface Filter {
        Object apply(Render render, Object value, Arguments arguments);
    }

    /** Filters of Jinja that write HTML, depend on chance or lay out text; no chat template has a use for them. */
    private static final Set<String> LEFT_OUT =
            Set.of("random", "pprint", "urlize", "xmlattr", "striptags", "wordwrap", "filesizeformat", "urlencode");

    private static final Map<String, Filter> FILTERS = all();

    private Filters() {}

    private static Map<String, Filter> all() {
        Map<String, Filter> filters = new HashMap<>(TextFilters.FILTERS);
        filters.putAll(ListFilters.FILTERS);
        filters.putAll(NumberFilters.FILTERS);
        filters.put("tojson", JsonText::filter);
        filters.put("default", Filters::defaultValue);
        filters.put("d", Filters::defaultValue);
        filters.put(
                "attr",
                (render, value, arguments) -> Attributes.attributeOnly(
                        value, Values.text(arguments.only("attr"), "the name of an attribute")));
        return Map.copyOf(filters);
    }

    static boolean has(String name) {
        return FILTERS.containsKey(name);
    }

    static Object apply(Render render, String name, Object value, Arguments arguments) {
        @Nullable Filter filter = FILTERS.get(name);
        if (filter == null) {
            throw new TemplateException(
                    LEFT_OUT.contains(name)
                            ? "the filter '" + name + "' is not supported in chat templates"
                            : "No filter named '" + name + "'.");
        }
        return filter.apply(render, value, arguments);
    }

    private static Object defaultValue(Render render, Object value, Arguments arguments) {
        Map<String, Object> given = arguments.bind("default", "default_value", "boolean");
        boolean alsoFalse = Values.isTrue(given.getOrDefault("boolean", false));
        return value instanceof Undefined || (alsoFalse && !Values.isTrue(value))
                ? given.getOrDefault("default_value", "")
                : value;
    }
}
