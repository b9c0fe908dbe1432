package org.rlhf4j.preference.clean;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.NearestName;

/** The values of a step's parameters in the order of the parameters, defaults filled in. */
final class StepSettings {
    private final Map<String, Object> values;

    private StepSettings(Map<String, Object> values) {
        this.values = values;
    }

    /**
     * Reads values.
     *
     * @param step the name of the step, for messages
     * @param parameters what the step takes
     * @param given what was typed, by name
     * @return all values
     * @throws DataFormatException without a place, for an unknown name or a value that does not fit
     */
    static StepSettings of(String step, List<StepParameter> parameters, Map<String, String> given) {
        List<String> known = parameters.stream().map(StepParameter::name).toList();
        for (String name : given.keySet()) {
            if (!known.contains(name)) {
                throw new DataFormatException(NearestName.unknown("parameter of " + step, name, known));
            }
        }
        Map<String, Object> values = new LinkedHashMap<>();
        for (StepParameter parameter : parameters) {
            String text = given.get(parameter.name());
            if (!applies(parameter, values)) {
                if (text != null) {
                    throw new DataFormatException(
                            step + ": " + parameter.name() + " has no sense without " + parameter.onlyWith());
                }
                continue;
            }
            Object value = text == null ? parameter.standard() : parse(step, parameter, text);
            if (value != null) {
                values.put(parameter.name(), value);
            }
        }
        return new StepSettings(Collections.unmodifiableMap(values));
    }

    private static boolean applies(StepParameter parameter, Map<String, Object> before) {
        String setting = parameter.onlyWith();
        return setting == null
                || before.entrySet().stream()
                        .anyMatch(value -> setting.equals(value.getKey() + "=" + value.getValue()));
    }

    private static Object parse(String step, StepParameter parameter, String text) {
        try {
            return parameter.parse(text);
        } catch (DataFormatException e) {
            throw new DataFormatException("", 0, step + ": " + e.reason(), e);
        }
    }

    /** All values that there are. */
    Map<String, Object> values() {
        return values;
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    String text(String name) {
        return (String) Objects.requireNonNull(values.get(name), name);
    }

    long whole(String name) {
        return (Long) Objects.requireNonNull(values.get(name), name);
    }

    double number(String name) {
        return (Double) Objects.requireNonNull(values.get(name), name);
    }

    @Nullable
    Long wholeOrNull(String name) {
        return (Long) values.get(name);
    }

    @Nullable
    Double numberOrNull(String name) {
        return (Double) values.get(name);
    }
}
