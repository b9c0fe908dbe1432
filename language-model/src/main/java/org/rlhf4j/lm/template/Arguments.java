package org.rlhf4j.lm.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The values of a call.
 *
 * @param positional those without a name, in order
 * @param named those with one
 */
record Arguments(List<Object> positional, Map<String, Object> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());

    static Arguments of(Object... values) {
        return new Arguments(List.of(values), Map.of());
    }

    int size() {
        return positional.size();
    }

    /** These arguments in the order of a function's parameters; parameters that were not given are absent from the map. */
    Map<String, Object> bind(String function, String... parameters) {
        Map<String, Object> bound = new LinkedHashMap<>();
        if (positional.size() > parameters.length) {
            throw new TemplateException(function + "() takes at most " + parameters.length + " arguments but "
                    + positional.size() + " were given");
        }
        for (int i = 0; i < positional.size(); i++) {
            bound.put(parameters[i], positional.get(i));
        }
        named.forEach((name, value) -> {
            if (!Set.of(parameters).contains(name)) {
                throw new TemplateException(function + "() got an unexpected keyword argument '" + name + "'");
            }
            if (bound.put(name, value) != null) {
                throw new TemplateException(function + "() got multiple values for argument '" + name + "'");
            }
        });
        return bound;
    }

    /** The only argument. */
    Object only(String function) {
        if (positional.size() != 1 || !named.isEmpty()) {
            throw new TemplateException(function + "() takes exactly one argument");
        }
        return positional.get(0);
    }

    void requireNone(String function) {
        if (!positional.isEmpty() || !named.isEmpty()) {
            throw new TemplateException(function + "() takes no arguments");
        }
    }

    Object get(int index) {
        if (index >= positional.size()) {
            throw new TemplateException("expected at least " + (index + 1) + " arguments, got " + positional.size());
        }
        return positional.get(index);
    }

    long integer(int index) {
        return Values.integer(get(index));
    }

    /** All but the first positional arguments. */
    Arguments rest(int from) {
        return new Arguments(new ArrayList<>(positional.subList(from, positional.size())), named);
    }

    Arguments with(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(named);
        more.put(name, value);
        return new Arguments(positional, more);
    }
}
