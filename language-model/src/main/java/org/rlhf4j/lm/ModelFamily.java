package org.rlhf4j.lm;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.rlhf4j.base.NearestName;

/**
 * The model families that can be opened, as data: what differs between them is listed here, and the {@link Decoder} is
 * one.
 */
public enum ModelFamily {
    /** Llama 2, 3 and what shares their {@code model_type}, SmolLM2 among them. */
    LLAMA("llama", "Llama", Biases.ALL_BY_KEY, true, false, Windows.NONE, new Defaults(2048, 0, 0)),
    /** Mistral 7B (arXiv:2310.06825): a window over every layer, where there is one. */
    MISTRAL("mistral", "Mistral", Biases.NONE, false, false, Windows.EVERY_LAYER, new Defaults(131_072, 8, 0)),
    /** Qwen 2 and 2.5 (arXiv:2407.10671, arXiv:2412.15115): biases on queries, keys and values; a window over some layers. */
    QWEN2("qwen2", "Qwen2", Biases.QUERY_KEY_VALUE, false, false, Windows.SOME_LAYERS, new Defaults(32_768, 32, 0)),
    /** Qwen 3 (arXiv:2505.09388): an RMSNorm over each head's query and key before they are turned. */
    QWEN3("qwen3", "Qwen3", Biases.ALL_BY_KEY, false, true, Windows.SOME_LAYERS, new Defaults(32_768, 32, 128));

    /** Which projections of attention have biases. */
    enum Biases {
        /** None, whatever the configuration says. */
        NONE,
        /** Query, key and value always, output never. */
        QUERY_KEY_VALUE,
        /** All four where {@code attention_bias} is true. */
        ALL_BY_KEY
    }

    /** Which layers have a sliding window. */
    enum Windows {
        /** None. */
        NONE,
        /** Every layer, unless {@code sliding_window} is null. */
        EVERY_LAYER,
        /** With {@code use_sliding_window} those of {@code layer_types}, or from {@code max_window_layers} on. */
        SOME_LAYERS
    }

    /**
     * The values of keys that are absent.
     *
     * @param context {@code max_position_embeddings}
     * @param keyValueHeads {@code num_key_value_heads}; 0 for as many as query heads, which is what null always means
     * @param headDim {@code head_dim}; 0 for H/n
     */
    record Defaults(int context, int keyValueHeads, int headDim) {}

    private final String modelType;
    private final String className;
    private final Biases attentionBiases;
    private final boolean mlpBiases;
    private final boolean headNorms;
    private final Windows windows;

    @SuppressWarnings("Immutable") // a record of numbers
    private final Defaults defaults;

    ModelFamily(
            String modelType,
            String className,
            Biases attentionBiases,
            boolean mlpBiases,
            boolean headNorms,
            Windows windows,
            Defaults defaults) {
        this.modelType = modelType;
        this.className = className;
        this.attentionBiases = attentionBiases;
        this.mlpBiases = mlpBiases;
        this.headNorms = headNorms;
        this.windows = windows;
        this.defaults = defaults;
    }

    /** The value of {@code model_type} in {@code config.json}. */
    public String modelType() {
        return modelType;
    }

    /** The value of {@code architectures} for a model with this head. */
    public String architecture(Head head) {
        return className + (head == Head.LANGUAGE_MODEL ? "ForCausalLM" : "ForSequenceClassification");
    }

    /** Which projections of attention have biases. */
    Biases attentionBiases() {
        return attentionBiases;
    }

    /** Whether {@code mlp_bias} gives the projections of the MLP biases; otherwise they have none. */
    boolean mlpBiases() {
        return mlpBiases;
    }

    /** Whether each head's query and key have an RMSNorm of their own. */
    boolean headNorms() {
        return headNorms;
    }

    /** Which layers have a sliding window. */
    Windows windows() {
        return windows;
    }

    /** The values of keys that are absent. */
    Defaults defaults() {
        return defaults;
    }

    /** Every {@code model_type} that is known. */
    public static List<String> known() {
        return Arrays.stream(values()).map(ModelFamily::modelType).toList();
    }

    /**
     * The family of a {@code model_type}.
     *
     * @throws IllegalArgumentException if it is not known, with the nearest and all known names
     */
    static ModelFamily named(String modelType) {
        for (ModelFamily family : values()) {
            if (family.modelType.equals(modelType.toLowerCase(Locale.ROOT))) {
                return family;
            }
        }
        throw new IllegalArgumentException(NearestName.unknown("model_type", modelType, known()));
    }
}
