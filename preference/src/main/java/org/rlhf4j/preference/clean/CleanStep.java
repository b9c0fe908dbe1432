package org.rlhf4j.preference.clean;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.JsonFields;

/**
 * One step of a chain: its type and the values of all its parameters, so that it can be recorded and repeated.
 *
 * @param type what it does
 * @param parameters the values by name, defaults included: texts, {@link Long}s and {@link Double}s
 */
public record CleanStep(StepType type, Map<String, Object> parameters) {
    /**
     * Fills in the defaults and checks the values.
     *
     * @throws DataFormatException without a place, for an unknown name, a value that does not fit, or values that make no
     *     sense together
     */
    public CleanStep {
        StepSettings settings = settings(type, parameters);
        // What values make no sense together only the step itself knows.
        type.start(settings).close();
        parameters = settings.values();
    }

    /**
     * A step as it is typed.
     *
     * @param text such as {@code dedup} or {@code length:min=10,max=2000}
     * @return the step
     * @throws DataFormatException without a place, if there is no such step, or as the constructor
     */
    public static CleanStep parse(String text) {
        int colon = text.indexOf(':');
        StepType type = StepType.named(colon < 0 ? text : text.substring(0, colon));
        Map<String, Object> given = new LinkedHashMap<>();
        if (colon >= 0) {
            for (String setting : text.substring(colon + 1).split(",", -1)) {
                int equals = setting.indexOf('=');
                if (equals < 1) {
                    throw new DataFormatException("step \"" + text + "\": \"" + setting
                            + "\" must be NAME=VALUE, as in length:min=10,max=2000");
                }
                String name = setting.substring(0, equals);
                if (given.put(name, setting.substring(equals + 1)) != null) {
                    throw new DataFormatException("step \"" + text + "\" has " + name + " twice");
                }
            }
        }
        return new CleanStep(type, given);
    }

    /**
     * The steps of a lineage file, to be taken again.
     *
     * @param lineage the content of the file
     * @param file its name, for messages
     * @return the steps in their order
     * @throws DataFormatException if it records no steps, or one that is not known
     */
    public static List<CleanStep> recorded(JsonNode lineage, String file) {
        List<CleanStep> steps = new ArrayList<>();
        try {
            for (JsonFields step : JsonFields.of(lineage, file, 0).objects("steps")) {
                Map<String, Object> given = new LinkedHashMap<>();
                for (Map.Entry<String, JsonNode> value :
                        step.object("parameters").node().properties()) {
                    given.put(value.getKey(), value.getValue().asText());
                }
                steps.add(new CleanStep(StepType.named(step.text("step")), given));
            }
        } catch (DataFormatException e) {
            throw e.at(file, 0);
        }
        if (steps.isEmpty()) {
            throw new DataFormatException(file, 0, "records no steps: it is not of rlhf data clean");
        }
        return steps;
    }

    /** The step as it is typed, with all its parameters. */
    public String text() {
        return parameters.isEmpty()
                ? type.label()
                : parameters.entrySet().stream()
                        .map(value -> value.getKey() + "=" + value.getValue())
                        .collect(Collectors.joining(",", type.label() + ":", ""));
    }

    /** The step at work, at its start. */
    RowFilter start() {
        return type.start(settings(type, parameters));
    }

    private static StepSettings settings(StepType type, Map<String, Object> parameters) {
        Map<String, String> texts = new LinkedHashMap<>();
        parameters.forEach((name, value) -> texts.put(name, String.valueOf(value)));
        return StepSettings.of(type.label(), type.parameters(), texts);
    }
}
