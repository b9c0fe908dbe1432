package org.rlhf4j.lm;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.base.NearestName;

/**
 * Reads the rotary settings of {@code config.json}: {@code rope_theta} with {@code rope_scaling} as transformers 4 wrote
 * them, {@code rope_parameters} as transformers 5 does, or both where they say the same.
 */
final class RopeReader {
    private static final double DEFAULT_THETA = 10_000.0;
    private static final List<String> SETTINGS = List.of(
            "rope_theta",
            "rope_type",
            "type",
            "factor",
            "low_freq_factor",
            "high_freq_factor",
            "original_max_position_embeddings",
            "partial_rotary_factor");

    private final JsonFields config;

    private RopeReader(JsonFields config) {
        this.config = config;
    }

    static Rope read(JsonFields config) {
        return new RopeReader(config).read();
    }

    private Rope read() {
        OptionalDouble theta = config.optionalNumber("rope_theta");
        List<Rope> readings = new ArrayList<>();
        for (String key : List.of("rope_parameters", "rope_scaling")) {
            JsonFields settings = config.optionalObject(key);
            if (settings != null) {
                readings.add(settings(key, settings, theta));
            }
        }
        if (readings.isEmpty()) {
            return rope(theta.orElse(DEFAULT_THETA), Rope.Plain::new, "rope_theta");
        }
        if (readings.size() == 2 && !readings.get(0).equals(readings.get(1))) {
            throw config.fail("\"rope_parameters\" and \"rope_scaling\" disagree: " + readings.get(0) + " and "
                    + readings.get(1) + "; keep one of them");
        }
        return readings.get(0);
    }

    private Rope settings(String key, JsonFields settings, OptionalDouble outerTheta) {
        String type = type(key, settings);
        if (!Rope.KNOWN.contains(type)) {
            throw config.fail("rope type \"" + type + "\" in \"" + key + "\" is not supported (known: "
                    + String.join(", ", Rope.KNOWN) + ")");
        }
        for (String name : settings.names()) {
            if (settings.has(name) && !SETTINGS.contains(name)) {
                throw config.fail(NearestName.unknown("rope setting", name, SETTINGS) + " in \"" + key + "\"");
            }
        }
        if (settings.number("partial_rotary_factor", 1.0) != 1.0) {
            throw settings.problem("partial_rotary_factor", "is not supported unless it is 1");
        }
        OptionalDouble innerTheta = settings.optionalNumber("rope_theta");
        if (innerTheta.isPresent() && outerTheta.isPresent() && !innerTheta.equals(outerTheta)) {
            throw config.fail("\"rope_theta\" is " + outerTheta.getAsDouble() + " and " + innerTheta.getAsDouble()
                    + " in \"" + key + "\"; keep one of them");
        }
        double theta = innerTheta.orElse(outerTheta.orElse(DEFAULT_THETA));
        return rope(theta, () -> scaling(type, settings), key);
    }

    private Rope rope(double theta, Supplier<Rope.Scaling> scaling, String key) {
        try {
            return new Rope(theta, scaling.get());
        } catch (IllegalArgumentException e) {
            throw config.fail(e.getMessage() + " (in \"" + key + "\")");
        }
    }

    private String type(String key, JsonFields settings) {
        @Nullable String current = settings.optionalText("rope_type");
        @Nullable String old = settings.optionalText("type");
        if (current != null && old != null && !current.equals(old)) {
            throw config.fail(
                    "\"rope_type\" and \"type\" in \"" + key + "\" disagree: \"" + current + "\" and \"" + old + "\"");
        }
        if (current != null) {
            return current;
        }
        return old != null ? old : "default";
    }

    private static Rope.Scaling scaling(String type, JsonFields settings) {
        return switch (type) {
            case "linear" -> new Rope.Linear(settings.number("factor"));
            case "llama3" ->
                new Rope.Llama3(
                        settings.number("factor"),
                        settings.number("low_freq_factor"),
                        settings.number("high_freq_factor"),
                        settings.int32("original_max_position_embeddings"));
            default -> new Rope.Plain();
        };
    }
}
