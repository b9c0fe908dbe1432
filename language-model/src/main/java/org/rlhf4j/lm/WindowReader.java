package org.rlhf4j.lm;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.rlhf4j.base.JsonFields;

/**
 * Reads the sliding windows of {@code config.json}: {@code sliding_window}, and for the families that have it on some
 * layers only {@code use_sliding_window} with {@code layer_types} (transformers 5) or {@code max_window_layers} (4).
 */
final class WindowReader {
    private static final int DEFAULT_WINDOW = 4096;
    private static final int DEFAULT_MAX_WINDOW_LAYERS = 28;
    private static final String SLIDING = "sliding_attention";
    private static final String FULL = "full_attention";

    private final JsonFields config;
    private final ModelFamily family;
    private final int layers;

    private WindowReader(JsonFields config, ModelFamily family, int layers) {
        this.config = config;
        this.family = family;
        this.layers = layers;
    }

    /** The window of each layer, in tokens; empty for a layer that has none. */
    static List<OptionalInt> read(JsonFields config, ModelFamily family, int layers) {
        return new WindowReader(config, family, layers).read();
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
                    case EVERY_LAYER -> true;
                    case SOME_LAYERS -> config.bool("use_sliding_window", false);
                };
        boolean isNull = config.names().contains("sliding_window") && !config.has("sliding_window");
        if (!used || isNull) {
            return OptionalInt.empty();
        }
        int window = config.int32("sliding_window", DEFAULT_WINDOW);
        if (window <= 0) {
            throw config.problem("sliding_window", "is " + window + ", must be positive, or null for none");
        }
        return OptionalInt.of(window);
    }

    private List<String> types(OptionalInt window) {
        List<String> derived = new ArrayList<>();
        int first = family.windows() == ModelFamily.Windows.SOME_LAYERS
                ? config.int32("max_window_layers", DEFAULT_MAX_WINDOW_LAYERS)
                : 0;
        for (int i = 0; i < layers; i++) {
            derived.add(window.isPresent() && i >= first ? SLIDING : FULL);
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
        if (listed.size() != layers) {
            throw config.problem("layer_types", "has " + listed.size() + " entries for " + layers + " layers");
        }
        if (family.windows() != ModelFamily.Windows.SOME_LAYERS && !listed.equals(derived)) {
            throw config.problem(
                    "layer_types",
                    "differs from what a " + family.modelType() + " model does, which is \"" + derived.get(0)
                            + "\" in every layer");
        }
        return listed;
    }
}
