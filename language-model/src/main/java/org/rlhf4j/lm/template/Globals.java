package org.rlhf4j.lm.template;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The functions that every template can call. */
final class Globals {
    private static final Map<String, Callable> FUNCTIONS = Map.of(
            "range", (render, arguments) -> Range.of(arguments),
            "namespace", (render, arguments) -> Namespace.of(arguments),
            "dict", Globals::dict,
            "cycler", (render, arguments) -> cycler(arguments),
            "joiner", (render, arguments) -> joiner(arguments),
            "raise_exception", Globals::raise,
            "strftime_now",
                    (render, arguments) -> DateText.format(
                            Values.text(arguments.only("strftime_now"), "strftime() argument 1"), render.date()));

    private Globals() {}

    static @Nullable Object find(String name) {
        return FUNCTIONS.get(name);
    }

    private static Object raise(Render render, Arguments arguments) {
        Object message = arguments.bind("raise_exception", "message").getOrDefault("message", "");
        throw TemplateException.raised(Printer.print(render.budget(), message));
    }

    private static Object dict(Render render, Arguments arguments) {
        Map<Object, Object> made = new LinkedHashMap<>();
        for (Object given : arguments.positional()) {
            if (given instanceof Map<?, ?> map) {
                made.putAll(map);
            } else {
                for (Object pair : Values.list(render, given)) {
                    List<Object> both = Values.list(render, pair);
                    if (both.size() != 2) {
                        throw new TemplateException("dict() needs pairs, not " + both.size() + " elements");
                    }
                    made.put(Values.key(both.get(0)), both.get(1));
                }
            }
        }
        made.putAll(arguments.named());
        render.budget().make(made.size());
        return made;
    }

    /** Gives its items one after the other, over and over. */
    private static Object cycler(Arguments items) {
        if (items.size() == 0) {
            throw new TemplateException("at least one item has to be provided");
        }
        Map<String, Object> attributes = new LinkedHashMap<>();
        attributes.put("current", items.get(0));
        int[] position = {0};
        attributes.put("next", (Callable) (render, arguments) -> {
            Object now = items.get(position[0]);
            position[0] = (position[0] + 1) % items.size();
            attributes.put("current", items.get(position[0]));
            return now;
        });
        attributes.put("reset", (Callable) (render, arguments) -> {
            position[0] = 0;
            attributes.put("current", items.get(0));
            return None.NONE;
        });
        return new Namespace(attributes);
    }

    /** Gives nothing the first time and its separator ever after. */
    private static Callable joiner(Arguments arguments) {
        Object separator = arguments.bind("joiner", "sep").getOrDefault("sep", ", ");
        boolean[] used = {false};
        return (render, none) -> {
            Object given = used[0] ? separator : "";
            used[0] = true;
            return given;
        };
    }
}
