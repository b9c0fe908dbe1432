package org.rlhf4j.lm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.base.NearestName;

/**
 * Reads the rotary settings of {@code config.json}: {@code rope_theta} with {@code rope_scaling} as transformers 4 wrote
 * them, {@code rope_parameters} as transformers 5 does, or both where they say the same. Where layers with a sliding window
 * have settings of their own, they are {@code rope_local_base_freq} or an entry of {@code rope_parameters}.
 */
final class RopeReader {
    private static final String LOCAL_THETA = "rope_local_base_freq";
    private static final double DEFAULT_LOCAL_THETA = 10_000;
    private static final int PHI3_CONTEXT = 4096;
    private static final String GLOBAL_LAYERS = "full_attention";
    private static final String LOCAL_LAYERS = "sliding_attention";
    private static final List<String> SETTINGS = List.of(
            "rope_theta",
            "rope_type",
            "type",
            "factor",
            "low_freq_factor",
            "high_freq_factor",
            "original_max_position_embeddings",
            "partial_rotary_factor",
            "beta_fast",
            "beta_slow",
            "mscale",
            "mscale_all_dim",
            "attention_factor",
            "truncate",
            "short_factor",
            "long_factor");

    private final JsonFields config;
    private final ModelFamily family;
    private final int context;

    /**
     * A reader.
     *
     * @param config the file
     * @param family names its keys
     * @param context {@code max_position_embeddings}
     */
    RopeReader(JsonFields config, ModelFamily family, int context) {
        this.config = config;
        this.family = family;
        this.context = context;
    }

    /** The settings of layers that see the whole context. */
    Rope global() {
        OptionalDouble theta = config.optionalNumber(family.keys().theta());
        double fallback = family.defaults().theta();
        List<Rope> readings = new ArrayList<>();
        for (String key : List.of("rope_parameters", "rope_scaling")) {
            @Nullable JsonFields settings = config.optionalObject(key);
            if (settings != null && family.turnsByLayerType() && key.equals("rope_parameters")) {
                settings = settings.optionalObject(GLOBAL_LAYERS);
            }
            if (settings != null) {
                readings.add(settings(key, settings, theta, fallback));
            }
        }
        if (readings.isEmpty()) {
            return rope(
                    theta.orElse(fallback),
                    RopeScaling.Plain::new,
                    share(null),
                    family.keys().theta());
        }
        if (readings.size() == 2 && !readings.get(0).equals(readings.get(1))) {
            throw config.fail("\"rope_parameters\" and \"rope_scaling\" disagree: " + readings.get(0) + " and "
                    + readings.get(1) + "; keep one of them");
        }
        return readings.get(0);
    }

    /** The settings of layers with a sliding window, where the family has some for them. */
    Rope local() {
        OptionalDouble theta = config.optionalNumber(LOCAL_THETA);
        @Nullable JsonFields all = config.optionalObject("rope_parameters");
        @Nullable JsonFields settings = all == null ? null : all.optionalObject(LOCAL_LAYERS);
        return settings == null
                ? rope(theta.orElse(DEFAULT_LOCAL_THETA), RopeScaling.Plain::new, 1, LOCAL_THETA)
                : settings("rope_parameters", settings, theta, DEFAULT_LOCAL_THETA);
    }

    private Rope settings(String key, JsonFields settings, OptionalDouble outerTheta, double fallback) {
        String type = type(key, settings);
        if (!RopeScaling.KNOWN.contains(type)) {
            throw config.fail("rope type \"" + type + "\" in \"" + key + "\" is not supported (known: "
                    + String.join(", ", RopeScaling.KNOWN) + ")");
        }
        for (String name : settings.names()) {
            if (settings.has(name) && !SETTINGS.contains(name)) {
                throw config.fail(NearestName.unknown("rope setting", name, SETTINGS) + " in \"" + key + "\"");
            }
        }
        OptionalDouble innerTheta = settings.optionalNumber("rope_theta");
        if (innerTheta.isPresent() && outerTheta.isPresent() && !innerTheta.equals(outerTheta)) {
            throw config.fail("\"" + family.keys().theta() + "\" is " + outerTheta.getAsDouble() + " and "
                    + innerTheta.getAsDouble() + " in \"" + key + "\"; keep one of them");
        }
        double theta = innerTheta.orElse(outerTheta.orElse(fallback));
        return rope(theta, () -> scaling(type, settings), share(settings), key);
    }

    /** The part of a head that is turned. */
    private double share(@Nullable JsonFields settings) {
        OptionalDouble outer = config.optionalNumber(family.keys().rotaryShare());
        OptionalDouble inner =
                settings == null ? OptionalDouble.empty() : settings.optionalNumber("partial_rotary_factor");
        if (outer.isPresent() && inner.isPresent() && !inner.equals(outer)) {
            throw config.fail("\"" + family.keys().rotaryShare() + "\" is " + outer.getAsDouble()
                    + " but \"partial_rotary_factor\" is " + inner.getAsDouble() + "; keep one of them");
        }
        return inner.orElse(outer.orElse(family.defaults().rotaryShare()));
    }

    private Rope rope(double theta, Supplier<RopeScaling> scaling, double share, String key) {
        try {
            return new Rope(theta, scaling.get(), share);
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
        String type = current != null ? current : old != null ? old : "default";
        // What Phi-3's own files called longrope before transformers did.
        return family == ModelFamily.PHI3 && List.of("su", "yarn").contains(type) ? "longrope" : type;
    }

    private RopeScaling scaling(String type, JsonFields settings) {
        return switch (type) {
            case "linear" -> new RopeScaling.Linear(settings.number("factor"));
            case "dynamic" -> new RopeScaling.Dynamic(settings.number("factor"), context);
            case "llama3" ->
                new RopeScaling.Llama3(
                        settings.number("factor"),
                        settings.number("low_freq_factor"),
                        settings.number("high_freq_factor"),
                        originalContext(settings));
            case "yarn" -> yarn(settings);
            case "longrope" -> longRope(settings);
            default -> new RopeScaling.Plain();
        };
    }

    private RopeScaling yarn(JsonFields settings) {
        int original = originalContext(settings);
        double factor = settings.number("factor", (double) context / original);
        double attention = settings.number(
                "attention_factor",
                RopeScaling.Yarn.attentionFactor(
                        factor, optional(settings, "mscale"), optional(settings, "mscale_all_dim")));
        return new RopeScaling.Yarn(
                factor,
                original,
                settings.number("beta_fast", 32),
                settings.number("beta_slow", 1),
                settings.bool("truncate", true),
                attention);
    }

    private RopeScaling longRope(JsonFields settings) {
        int original = originalContext(settings);
        double stretch = settings.number("factor", (double) context / original);
        double attention = settings.number("attention_factor", RopeScaling.LongRope.attentionFactor(stretch, original));
        return new RopeScaling.LongRope(
                numbers(settings, "short_factor"), numbers(settings, "long_factor"), original, attention);
    }

    /**
     * The context of pre-training; without one it is the context itself. Phi-3 has it beside the rotary settings, where readers take
     * 4096 for an absent one whatever the settings say.
     */
    private int originalContext(JsonFields settings) {
        String key = "original_max_position_embeddings";
        if (config.has(key)) {
            return config.int32(key);
        }
        if (family != ModelFamily.PHI3) {
            return settings.int32(key, context);
        }
        int inner = settings.int32(key, PHI3_CONTEXT);
        if (inner != PHI3_CONTEXT) {
            throw settings.problem(
                    key,
                    "is " + inner + ", but readers of phi3 models take it from the top of the file: put"
                            + " it there, too");
        }
        return inner;
    }

    private static @Nullable Double optional(JsonFields settings, String key) {
        OptionalDouble value = settings.optionalNumber(key);
        return value.isPresent() ? Double.valueOf(value.getAsDouble()) : null;
    }

    private static List<Double> numbers(JsonFields settings, String key) {
        List<Double> numbers = new ArrayList<>();
        for (JsonNode value : settings.array(key)) {
            if (!value.isNumber()) {
                throw settings.problem(key, "must hold numbers only");
            }
            numbers.add(value.doubleValue());
        }
        return numbers;
    }
}
