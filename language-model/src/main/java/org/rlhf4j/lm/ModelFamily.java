package org.rlhf4j.lm;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.base.NearestName;

/**
 * The families of decoders that can be opened, as data: what differs between them is listed here and in their
 * {@link DecoderDesign}, and the {@link Decoder} is one.
 */
public enum ModelFamily {
    /** Llama 2, 3 and what shares their {@code model_type}, SmolLM2 among them. */
    LLAMA("llama", "Llama", DecoderDesign.LLAMA, ConfigKeys.LLAMA, Biases.BY_KEYS, Windows.NONE, FamilyDefaults.LLAMA),
    /** Mistral 7B (arXiv:2310.06825): a window over every layer, where there is one. */
    MISTRAL(
            "mistral",
            "Mistral",
            DecoderDesign.LLAMA,
            ConfigKeys.LLAMA,
            Biases.NONE,
            Windows.EVERY_LAYER,
            FamilyDefaults.LLAMA.context(131_072).keyValueHeads(8).window(4096)),
    /** Qwen 2 and 2.5 (arXiv:2407.10671, arXiv:2412.15115): biases on queries, keys and values; a window over some layers. */
    QWEN2(
            "qwen2",
            "Qwen2",
            DecoderDesign.LLAMA,
            ConfigKeys.LLAMA,
            Biases.QUERY_KEY_VALUE,
            Windows.LAST_LAYERS,
            FamilyDefaults.LLAMA.context(32_768).keyValueHeads(32).window(4096)),
    /** Qwen 3 (arXiv:2505.09388): an RMSNorm over each head's query and key before they are turned. */
    QWEN3(
            "qwen3",
            "Qwen3",
            DecoderDesign.QWEN3,
            ConfigKeys.LLAMA,
            Biases.ATTENTION_BY_KEY,
            Windows.LAST_LAYERS,
            FamilyDefaults.LLAMA.context(32_768).keyValueHeads(32).headDim(128).window(4096)),
    /** SmolLM3: every fourth layer has no positions (arXiv:2501.18795). */
    SMOLLM3(
            "smollm3",
            "SmolLM3",
            DecoderDesign.LLAMA,
            ConfigKeys.LLAMA,
            Biases.BY_KEYS,
            Windows.WITHOUT_POSITIONS,
            FamilyDefaults.LLAMA
                    .context(32_768)
                    .keyValueHeads(4)
                    .theta(2_000_000)
                    .tied()),
    /** Gemma 1 (arXiv:2403.08295). */
    GEMMA(
            "gemma",
            "Gemma",
            DecoderDesign.GEMMA,
            ConfigKeys.LLAMA,
            Biases.ATTENTION_BY_KEY,
            Windows.NONE,
            FamilyDefaults.GEMMA),
    /** Gemma 2 (arXiv:2408.00118): soft caps, a window over every other layer. */
    GEMMA2(
            "gemma2",
            "Gemma2",
            DecoderDesign.GEMMA2,
            ConfigKeys.GEMMA,
            Biases.ATTENTION_BY_KEY,
            Windows.ALTERNATING,
            FamilyDefaults.GEMMA.keyValueHeads(4).window(4096)),
    /** Gemma 3 for text (arXiv:2503.19786): five layers with a window and a base of positions of their own for each without. */
    GEMMA3(
            "gemma3_text",
            "Gemma3",
            DecoderDesign.GEMMA3,
            ConfigKeys.GEMMA,
            Biases.ATTENTION_BY_KEY,
            Windows.PATTERN,
            FamilyDefaults.GEMMA.context(131_072).keyValueHeads(4).window(4096).theta(1_000_000)),
    /** Phi-3 and 3.5 (arXiv:2404.14219), Phi-4-mini. */
    PHI3(
            "phi3",
            "Phi3",
            DecoderDesign.PHI3,
            ConfigKeys.LLAMA,
            Biases.NONE,
            Windows.EVERY_LAYER,
            FamilyDefaults.LLAMA.context(4096).normEps(1e-5)),
    /** OLMo 2 (arXiv:2501.00656). */
    OLMO2(
            "olmo2",
            "Olmo2",
            DecoderDesign.OLMO2,
            ConfigKeys.LLAMA,
            Biases.ATTENTION_BY_KEY,
            Windows.NONE,
            FamilyDefaults.LLAMA.normEps(1e-5)),
    /** GPT-2 (Radford et al. 2019). */
    GPT2(
            "gpt2",
            "GPT2",
            DecoderDesign.GPT2,
            ConfigKeys.GPT2,
            Biases.ALL,
            Windows.NONE,
            FamilyDefaults.LLAMA
                    .context(1024)
                    .normEps(1e-5)
                    .activation("gelu_new")
                    .tied()),
    /** GPT-NeoX (arXiv:2204.06745), Pythia (arXiv:2304.01373). */
    GPT_NEOX(
            "gpt_neox",
            "GPTNeoX",
            DecoderDesign.GPT_NEOX,
            ConfigKeys.GPT_NEOX,
            Biases.ALL_BUT_ATTENTION_BY_KEY,
            Windows.NONE,
            FamilyDefaults.LLAMA.normEps(1e-5).activation("gelu").rotaryShare(0.25)),
    /** Falcon (arXiv:2311.16867) with rotary positions. */
    FALCON(
            "falcon",
            "Falcon",
            DecoderDesign.FALCON,
            ConfigKeys.FALCON,
            Biases.BY_KEY,
            Windows.NONE,
            FamilyDefaults.LLAMA.normEps(1e-5).activation("gelu").tied());

    /** Which projections have biases. */
    enum Biases {
        /** None, whatever the configuration says. */
        NONE,
        /** Query, key and value always, others never. */
        QUERY_KEY_VALUE,
        /** Those of attention where {@code attention_bias} is true, others never. */
        ATTENTION_BY_KEY,
        /** Those of attention where {@code attention_bias} is true, those of the MLP where {@code mlp_bias} is. */
        BY_KEYS,
        /** All where {@code bias} is true. */
        BY_KEY,
        /** All; those of attention unless {@code attention_bias} is false. */
        ALL_BUT_ATTENTION_BY_KEY,
        /** All. */
        ALL
    }

    /** Which layers have a sliding window where {@code layer_types} does not say. */
    enum Windows {
        /** None. */
        NONE,
        /** Every layer, unless {@code sliding_window} is null. */
        EVERY_LAYER,
        /** With {@code use_sliding_window}, from {@code max_window_layers} on. */
        LAST_LAYERS,
        /** With {@code use_sliding_window} those without rotary positions. */
        WITHOUT_POSITIONS,
        /** The first of each two layers. */
        ALTERNATING,
        /** All but the last of each {@code sliding_window_pattern} layers. */
        PATTERN
    }

    private final String modelType;
    private final String className;

    @SuppressWarnings("ImmutableEnumChecker") // a record over a map that nobody changes
    private final DecoderDesign design;

    @SuppressWarnings("ImmutableEnumChecker") // a record of texts
    private final ConfigKeys keys;

    private final Biases biases;
    private final Windows windows;

    @SuppressWarnings("ImmutableEnumChecker") // a record of numbers and a text
    private final FamilyDefaults defaults;

    ModelFamily(
            String modelType,
            String className,
            DecoderDesign design,
            ConfigKeys keys,
            Biases biases,
            Windows windows,
            FamilyDefaults defaults) {
        this.modelType = modelType;
        this.className = className;
        this.design = design;
        this.keys = keys;
        this.biases = biases;
        this.windows = windows;
        this.defaults = defaults;
    }

    /** The value of {@code model_type} in {@code config.json}. */
    public String modelType() {
        return modelType;
    }

    /** The value of {@code architectures} for a model with this head. */
    public String architecture(Head head) {
        if (head == Head.SCALAR) {
            return className + (this == GEMMA3 ? "Text" : "") + "ForSequenceClassification";
        }
        return className + (this == GPT2 ? "LMHeadModel" : "ForCausalLM");
    }

    /** What the decoder of a configuration is made of. */
    DecoderDesign design(JsonFields config) {
        return switch (this) {
            case GPT_NEOX -> design.withParallel(config.bool("use_parallel_residual", true));
            case FALCON -> falcon(config);
            default -> design;
        };
    }

    private static DecoderDesign falcon(JsonFields config) {
        if (config.bool("new_decoder_architecture", false)) {
            return config.int32("num_ln_in_parallel_attn", 2) == 2
                    ? DecoderDesign.FALCON_TWO_NORMS
                    : DecoderDesign.FALCON;
        }
        return config.bool("parallel_attn", true) ? DecoderDesign.FALCON : DecoderDesign.FALCON_SEQUENTIAL;
    }

    /** What the keys of its {@code config.json} are called. */
    ConfigKeys keys() {
        return keys;
    }

    /** Which projections have biases. */
    Biases biases() {
        return biases;
    }

    /** Which layers have a sliding window. */
    Windows windows() {
        return windows;
    }

    /** The values of keys that are absent. */
    FamilyDefaults defaults() {
        return defaults;
    }

    /** Whether layers with a sliding window have rotary settings of their own. */
    boolean turnsByLayerType() {
        return windows == Windows.PATTERN;
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
