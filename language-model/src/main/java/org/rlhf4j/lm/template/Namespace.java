package org.rlhf4j.lm.template;

import java.util.LinkedHashMap;
import java.util.Map;

/** What {@code namespace()} makes: attributes that a template can set from within a loop. */
record Namespace(Map<String, Object> attributes) {
    static Namespace of(Arguments arguments) {
        Map<String, Object> attributes = new LinkedHashMap<>();
        for (Object given : arguments.positional()) {
            if (!(given instanceof Map<?, ?> map)) {
                throw new TemplateException("namespace() takes a dictionary, not " + Values.type(given));
            }
            map.forEach((name, value) -> attributes.put(Values.text(name, "a name"), value));
        }
        attributes.putAll(arguments.named());
        return new Namespace(attributes);
    }
}
