package org.rlhf4j.lm.template;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A macro, or the body of a call block.
 *
 * @param name its name
 * @param parameters its parameters
 * @param body its statements
 * @param scope where it was defined, whose names it sees
 */
record Macro(String name, Parameters parameters, List<Statement> body, Scope scope) implements Callable {
    @Override
    public Object call(Render render, Arguments arguments) {
        render.budget().enterCall();
        Frame frame = new Frame(render, new Scope(scope), new StringBuilder());
        Map<String, Object> named = new LinkedHashMap<>(arguments.named());
        bind(frame, arguments.positional(), named);
        boolean usesCaller = parameters.used().contains("caller");
        if (usesCaller && !parameters.names().contains("caller")) {
            Object caller = named.remove("caller");
            frame.scope().set("caller", caller == null ? new Undefined("No caller defined") : caller);
        }
        if (parameters.used().contains("kwargs")) {
            frame.scope().set("kwargs", named);
        } else if (!named.isEmpty()) {
            throw new TemplateException("macro '" + name + "' takes no keyword argument '"
                    + named.keySet().iterator().next() + "'");
        }
        Statement.run(body, frame);
        render.budget().leaveCall();
        return frame.out().toString();
    }

    private void bind(Frame frame, List<Object> positional, Map<String, Object> named) {
        List<String> names = parameters.names();
        if (parameters.used().contains("varargs")) {
            int from = Math.min(names.size(), positional.size());
            frame.scope().set("varargs", new Tuple(new ArrayList<>(positional.subList(from, positional.size()))));
        } else if (positional.size() > names.size()) {
            throw new TemplateException("macro '" + name + "' takes not more than " + names.size() + " argument(s)");
        }
        Map<String, Object> given = new HashMap<>();
        for (int i = 0; i < names.size(); i++) {
            Object value = i < positional.size() ? positional.get(i) : named.remove(names.get(i));
            if (value != null) {
                given.put(names.get(i), value);
                frame.scope().set(names.get(i), value);
            }
        }
        int required = names.size() - parameters.defaults().size();
        for (int i = 0; i < names.size(); i++) {
            String parameter = names.get(i);
            if (!given.containsKey(parameter)) {
                frame.scope()
                        .set(
                                parameter,
                                i < required
                                        ? new Undefined("parameter '" + parameter + "' was not provided")
                                        : parameters
                                                .defaults()
                                                .get(i - required)
                                                .evaluate(frame));
            }
        }
    }
}
