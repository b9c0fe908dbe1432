package org.rlhf4j.lm;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.rlhf4j.base.JsonFields;

/**
 * Reads the sliding windows of {@code config.json}: {@code sliding_window}, and for the families that have it on some
 * layers only {@code layer_types} (transformers 5) or {@code use_sliding_window} with {@code max_window_layers}, or
 * {@code sliding_window_pattern} (4).
 */
final class WindowReader {
    private static final int DEFAULT_PATTERN = 6;
    private static final int DEFAULT_MAX_WINDOW_LAYERS = 28;
    private static final String SLIDING = "sliding_attention";
    private static final String FULL = "full_attention";

    private final JsonFields config;
    private final ModelFamily family;
    private final List<Boolean> turned;

    private WindowReader(JsonFields config, ModelFamily family, List<Boolean> turned) {
        this.config = config;
        this.family = family;
        this.turned = turned;
    }

    /**
     * The window of each layer, in tokens; empty for a layer that has none.
     *
     * @param turned for each layer whether it has rotary positions
     */
    static List<OptionalInt> read(JsonFields config, ModelFamily family, List<Boolean> turned) {
        return new WindowReader(config, family, turned).read();
    }

    private List<OptionalInt> read() {
        OptionalInt window = window();
        List<OptionalInt> windows = new ArrayList<>();
        for (String type : types(window)) {
            if (type.equals(SLIDING) && window.isEmpty()) {
                throw config.problem(
                        "layer_types",
                        "has \"" + SLIDING + "\", but sliding_window and use_sliding_window give no window");
            }
            windows.add(type.equals(SLIDING) ? window : OptionalInt.empty());
        }
        return windows;
    }

    private OptionalInt window() {
        boolean used =
                switch (family.windows()) {
                    case NONE -> {
                        if (config.has("sliding_window")) {
                            throw config.problem(
                                    "sliding_window",
                                    "is not supported: " + family.modelType()
                                            + " models have none, and readers differ in whether they follow it; set it to null");
                        }
                        yield false;
                    }
                    case EVERY_LAYER, ALTERNATING, PATTERN -> true;
                    case LAST_LAYERS, WITHOUT_POSITIONS -> config.bool("use_sliding_window", false);
                };
        boolean isNull = config.names().contains("sliding_window") && !config.has("sliding_window");
        int fallback = family.defaults().window();
        if (!used || isNull || (fallback == 0 && !config.has("sliding_window"))) {
            return OptionalInt.empty();
        }
        int window = config.int32("sliding_window", fallback);
        if (window <= 0) {
            throw config.problem("sliding_window", "is " + window + ", must be positive, or null for none");
        }
        return OptionalInt.of(window);
    }

    private List<String> types(OptionalInt window) {
        List<String> derived = new ArrayList<>();
        for (int i = 0; i < turned.size(); i++) {
            derived.add(window.isPresent() && slides(i) ? SLIDING : FULL);
        }
        if (!config.has("layer_types")) {
            return derived;
        }
        List<String> listed = config.texts("layer_types");
        for (String type : listed) {
            if (!type.equals(SLIDING) && !type.equals(FULL)) {
                throw config.problem(
                        "layer_types",
                        "has \"" + type + "\"; supported are only \"" + FULL + "\" and \"" + SLIDING + "\"");
            }
        }
        if (listed.size() != turned.size()) {
            throw config.problem("layer_types", "has " + listed.size() + " entries for " + turned.size() + " layers");
        }
        if (!variesByLayer() && !listed.equals(derived)) {
            throw config.problem(
                    "layer_types",
                    "differs from what a " + family.modelType() + " model does, which is \"" + derived.get(0)
                            + "\" in every layer");
        }
        return listed;
    }

    private boolean variesByLayer() {
        return switch (family.windows()) {
            case NONE, EVERY_LAYER -> false;
            case LAST_LAYERS, WITHOUT_POSITIONS, ALTERNATING, PATTERN -> true;
        };
    }

    /** Whether a layer has the window where the file does not list types. */
    private boolean slides(int layer) {
        return switch (family.windows()) {
            case NONE -> false;
            case EVERY_LAYER -> true;
            case LAST_LAYERS -> layer >= config.int32("max_window_layers", DEFAULT_MAX_WINDOW_LAYERS);
            case WITHOUT_POSITIONS -> !turned.get(layer);
            case ALTERNATING -> layer % 2 == 0;
            case PATTERN -> (layer + 1) % pattern() != 0;
        };
    }

    private int pattern() {
        int pattern = config.int32("sliding_window_pattern", DEFAULT_PATTERN);
        if (pattern < 1) {
            throw config.problem("sliding_window_pattern", "is " + pattern + ", must be positive");
        }
        return pattern;
    }
}
