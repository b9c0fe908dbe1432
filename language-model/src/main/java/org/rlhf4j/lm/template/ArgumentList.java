package org.rlhf4j.lm.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a call as they are written.
 *
 * @param positional those without a name
 * @param named those with one
 * @param more what follows {@code *}
 * @param moreNamed what follows {@code **}
 */
record ArgumentList(
        List<Expression> positional,
        Map<String, Expression> named,
        @Nullable Expression more,
        @Nullable Expression moreNamed) {
    static final ArgumentList NONE = of(List.of());

    static ArgumentList of(List<Expression> positional) {
        return new ArgumentList(positional, Map.of(), null, null);
    }

    Arguments evaluate(Frame frame) {
        List<Object> values = new ArrayList<>();
        positional.forEach(argument -> values.add(argument.evaluate(frame)));
        Map<String, Object> names = new LinkedHashMap<>();
        named.forEach((name, argument) -> names.put(name, argument.evaluate(frame)));
        if (more != null) {
            Iterator<Object> others = Values.iterate(frame.render(), more.evaluate(frame));
            while (others.hasNext()) {
                frame.budget().make(1);
                values.add(others.next());
            }
        }
        if (moreNamed != null) {
            if (!(moreNamed.evaluate(frame) instanceof Map<?, ?> map)) {
                throw new TemplateException("argument after ** must be a mapping");
            }
            frame.budget().make(map.size());
            map.forEach((key, value) -> {
                String name = Values.text(key, "keywords");
                if (names.put(name, value) != null) {
                    throw new TemplateException("got multiple values for keyword argument '" + name + "'");
                }
            });
        }
        return new Arguments(values, names);
    }
}
