package org.rlhf4j.lm;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.NearestName;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.safetensors.TensorSource;
import org.rlhf4j.lm.text.TextTokenizer;

/**
 * Sizes of models that are made fresh, with random weights, to be trained from scratch: Llama format, context
 * 4096.
 *
 * <p>Parameters are for the byte-level tokenizer of 259 tokens; another tokenizer adds 2 H for each further token.
 */
public enum ModelPreset {
    /** H 64, 2 layers, 8 heads, F 176: 133,824 parameters. Seconds of training on a text world. */
    TINY(64, 176, 2, 8),
    /** H 256, 6 layers, 8 heads, F 704: 4,952,832 parameters. Minutes of training on a small real data set. */
    SMALL(256, 704, 6, 8);

    /** Longest sequence in tokens. */
    public static final int CONTEXT = 4096;

    /**
     * Deviations that let a small model learn from scratch within a thousand steps: the usual 0.02 for every matrix leaves
     * the attention of narrow layers so flat that it takes several times as long (docs/EXPERIMENTS.md). The head stays
     * small, so that a fresh model is close to uniform.
     */
    private static final double EMBEDDING_DEVIATION = 0.5;

    private static final double HEAD_DEVIATION = 0.02;

    private final int hidden;
    private final int intermediate;
    private final int layers;
    private final int heads;

    ModelPreset(int hidden, int intermediate, int layers, int heads) {
        this.hidden = hidden;
        this.intermediate = intermediate;
        this.layers = layers;
        this.heads = heads;
    }

    /** The name on the command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The names of all presets. */
    public static List<String> labels() {
        return Arrays.stream(values()).map(ModelPreset::label).toList();
    }

    /**
     * The preset of a name.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static ModelPreset named(String label) {
        for (ModelPreset preset : values()) {
            if (preset.label().equals(label)) {
                return preset;
            }
        }
        throw new IllegalArgumentException(NearestName.unknown("preset", label, labels()));
    }

    /**
     * The configuration of a fresh model.
     *
     * @param tokenizer gives the vocabulary size and the ids of BOS, EOS and padding
     */
    public ModelConfig config(TextTokenizer tokenizer) {
        ObjectNode json = Json.mapper().createObjectNode();
        json.put("model_type", ModelFamily.LLAMA.modelType());
        json.put("vocab_size", tokenizer.vocabularySize());
        json.put("hidden_size", hidden);
        json.put("intermediate_size", intermediate);
        json.put("num_hidden_layers", layers);
        json.put("num_attention_heads", heads);
        json.put("num_key_value_heads", heads);
        json.put("head_dim", hidden / heads);
        json.put("max_position_embeddings", CONTEXT);
        json.put("hidden_act", "silu");
        json.put("rms_norm_eps", 1e-5);
        json.put("rope_theta", 10_000.0);
        json.put("initializer_range", matrixDeviation());
        List.of("attention_bias", "mlp_bias").forEach(key -> json.put(key, false));
        json.put("attention_dropout", 0.0);
        json.put("tie_word_embeddings", false);
        json.put("use_cache", true);
        json.setAll(roles(tokenizer));
        return ModelConfig.of(json, "config.json");
    }

    private static ObjectNode roles(TextTokenizer tokenizer) {
        ObjectNode json = Json.mapper().createObjectNode();
        // Written even where they are null: readers have defaults of their own for absent ones.
        json.putNull("bos_token_id");
        json.putNull("eos_token_id");
        json.putNull("pad_token_id");
        tokenizer.bosId().ifPresent(id -> json.put("bos_token_id", id));
        tokenizer.eosId().ifPresent(id -> json.put("eos_token_id", id));
        tokenizer.padId().ifPresent(id -> json.put("pad_token_id", id));
        return json;
    }

    /**
     * Writes a fresh model into a fresh directory. Weights are normal with mean 0 and deviation 0.5 in the embedding,
     * 0.02 in the language-model head and 0.8 / sqrt(H) in the layers; norms are 1. The same seed gives the same bytes.
     *
     * @param storage does the writing
     * @param target absent, or an empty directory
     * @param tokenizerFiles the files of its tokenizer by name, written unchanged
     * @param seed seed of the weights
     * @return the configuration
     * @throws IOException if it cannot be written
     */
    public ModelConfig create(Storage storage, Path target, Map<String, byte[]> tokenizerFiles, long seed)
            throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>(tokenizerFiles);
        ModelConfig config;
        try (TextTokenizer tokenizer = TextTokenizer.of(tokenizerFiles, "the given tokenizer")) {
            config = config(tokenizer);
            byte[] generation = Json.pretty(roles(tokenizer)).getBytes(StandardCharsets.UTF_8);
            files.put("generation_config.json", generation);
        }
        List<TensorSource> tensors = new ArrayList<>();
        TensorNames.model(config, Head.LANGUAGE_MODEL)
                .forEach((name, shape) -> tensors.add(
                        TensorSource.of(name, values(config, name, shape, seed), shape, WeightFormat.FLOAT32.dtype())));
        CheckpointWriter.write(
                storage, target, config.toJson(Head.LANGUAGE_MODEL, WeightFormat.FLOAT32), files, tensors);
        return config;
    }

    private double matrixDeviation() {
        return 0.8 / Math.sqrt(hidden);
    }

    private double deviation(ModelConfig config, String name) {
        if (name.equals(TensorNames.embedding(config))) {
            return EMBEDDING_DEVIATION;
        }
        return name.equals(TensorNames.languageModelHead(config)) ? HEAD_DEVIATION : matrixDeviation();
    }

    private float[] values(ModelConfig config, String name, Shape shape, long seed) {
        float[] values = new float[Math.toIntExact(shape.size())];
        if (shape.dimension() == 1) {
            Arrays.fill(values, 1f);
            return values;
        }
        SeededStream stream = SeededStream.of(seed, "weights", name);
        double deviation = deviation(config, name);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (deviation * stream.nextGaussian());
        }
        return values;
    }
}
