package org.rlhf4j.lm;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.lm.lora.LoraAdapter;

/**
 * What {@code config.json} says of a model, checked: its family, its sizes and the settings of its forward pass.
 *
 * <p>Keys of transformers 4 and 5 are both read; where a file has both and they disagree, it is refused. What changes
 * the result of a forward pass and is not supported here is refused by name. Every other key is kept and written back
 * as it was.
 */
public final class ModelConfig implements PretrainedConfig {
    /**
     * The sizes of a decoder.
     *
     * @param vocabulary rows of the embedding, V
     * @param hidden width of the residual stream, H
     * @param intermediate width inside the MLP, F
     * @param layers number of layers
     * @param heads query heads, n
     * @param keyValueHeads key and value heads, a divisor of n
     * @param headDim numbers a head, D
     * @param context longest sequence in tokens ({@code max_position_embeddings})
     */
    public record Sizes(
            int vocabulary,
            int hidden,
            int intermediate,
            int layers,
            int heads,
            int keyValueHeads,
            int headDim,
            int context) {
        /** Checks that the sizes fit each other. */
        public Sizes {
            requirePositive("vocab_size", vocabulary);
            requirePositive("hidden_size", hidden);
            requirePositive("intermediate_size", intermediate);
            requirePositive("num_hidden_layers", layers);
            requirePositive("num_attention_heads", heads);
            requirePositive("num_key_value_heads", keyValueHeads);
            requirePositive("head_dim", headDim);
            requirePositive("max_position_embeddings", context);
            if (heads % keyValueHeads != 0) {
                throw new IllegalArgumentException(
                        "num_attention_heads " + heads + " is not a multiple of num_key_value_heads " + keyValueHeads);
            }
        }

        private static void requirePositive(String key, int value) {
            if (value <= 0) {
                throw new IllegalArgumentException(key + " is " + value + ", must be positive");
            }
        }
    }

    private final ModelFamily family;
    private final Sizes sizes;
    private final DecoderDesign design;
    private final double normEps;
    private final List<Optional<Rope>> ropes;
    private final List<OptionalInt> windows;
    private final AttentionScores scores;
    private final OptionalDouble logitCap;
    private final Activation activation;
    private final Set<Part> biased;
    private final boolean tied;
    private final @Nullable Integer labels;
    private final @Nullable WeightFormat format;
    private final ObjectNode raw;

    private ModelConfig(ModelConfigReader reader) {
        this.family = reader.family();
        this.sizes = reader.sizes();
        this.design = reader.design();
        this.normEps = reader.normEps();
        this.windows = reader.windows();
        this.ropes = reader.ropes();
        this.scores = reader.scores();
        this.logitCap = reader.logitCap();
        this.activation = reader.activation();
        this.biased = reader.biased();
        this.tied = reader.tied();
        this.labels = reader.labels();
        this.format = reader.format();
        this.raw = reader.raw();
        reader.requireTokenIdsWithin(sizes.vocabulary());
        reader.refuseUnsupported();
    }

    /**
     * Reads a {@code config.json}.
     *
     * @throws DataFormatException if it cannot be read or describes a model that is not supported
     */
    public static ModelConfig read(Path file) {
        return of(Json.read(file), file.toString());
    }

    /**
     * Reads the content of a {@code config.json}.
     *
     * @param json the content
     * @param file its name, for messages
     * @throws DataFormatException if it describes a model that is not supported
     */
    public static ModelConfig of(JsonNode json, String file) {
        return new ModelConfig(new ModelConfigReader(JsonFields.of(json, file, 0)));
    }

    /** The family, which decides tensor names and forward pass. */
    public ModelFamily family() {
        return family;
    }

    /** The sizes. */
    public Sizes sizes() {
        return sizes;
    }

    /** What the layers are made of. */
    DecoderDesign design() {
        return design;
    }

    /** Epsilon of every norm, added to the mean square or the variance. */
    public double normEps() {
        return normEps;
    }

    /**
     * The rotary position embedding of a layer; empty where it has none.
     *
     * @param layer index of the layer, from 0
     */
    public Optional<Rope> rope(int layer) {
        return ropes.get(layer);
    }

    /** How positions enter, in a word: {@code learned}, or {@code rotary} with the kind of scaling. */
    public String positionKind() {
        return ropes.stream()
                .flatMap(Optional::stream)
                .map(rope -> rope.scaling().type())
                .filter(type -> !type.equals("default"))
                .findFirst()
                .map(type -> "rotary, " + type)
                .orElse(design.positions() == null ? "rotary" : "learned");
    }

    /** How attention weighs. */
    AttentionScores scores() {
        return scores;
    }

    /** The cap c of logits, which become {@code c tanh(z / c)}; empty for none. */
    public OptionalDouble logitCap() {
        return logitCap;
    }

    /** What the MLP does to its inner numbers. */
    public Activation activation() {
        return activation;
    }

    /**
     * How many keys a query of a layer sees at most, its own and those right before it: with a window of w the query at
     * position i sees the keys at positions {@code i - w + 1} to i. Empty where it sees all of them.
     *
     * @param layer index of the layer, from 0
     */
    public OptionalInt window(int layer) {
        return windows.get(layer);
    }

    /** Whether a projection has a bias. */
    boolean biased(Part part) {
        return biased.contains(part);
    }

    /** Whether the embedding is the head of the language model, too. */
    public boolean tied() {
        return tied;
    }

    @Override
    public Optional<Integer> labels() {
        return Optional.ofNullable(labels);
    }

    @Override
    public Optional<WeightFormat> format() {
        return Optional.ofNullable(format);
    }

    @Override
    public List<Integer> eosTokenIds() {
        return CommonConfigReader.tokenIds(raw.get("eos_token_id"));
    }

    @Override
    public Optional<Integer> padTokenId() {
        return CommonConfigReader.tokenIds(raw.get("pad_token_id")).stream().findFirst();
    }

    /** The class names that the file lists under {@code architectures}. */
    public List<String> architectures() {
        JsonNode listed = raw.path("architectures");
        return listed.isArray() ? listed.valueStream().map(JsonNode::asText).toList() : List.of();
    }

    /**
     * The same model with another padding token. transformers finds the last real token of a sequence by comparing with
     * it, so a scorer must have one that no text ends with.
     *
     * @param id the id, below the vocabulary size
     */
    public ModelConfig withPadTokenId(int id) {
        ObjectNode changed = raw.deepCopy();
        changed.put("pad_token_id", id);
        return of(changed, "config.json");
    }

    @Override
    public String modelType() {
        return family.modelType();
    }

    @Override
    public int vocabulary() {
        return sizes.vocabulary();
    }

    @Override
    public int hidden() {
        return sizes.hidden();
    }

    @Override
    public int context() {
        return sizes.context();
    }

    @Override
    public Map<String, Shape> backboneTensors() {
        return TensorNames.decoder(this);
    }

    @Override
    public Map<String, Shape> headTensors(Head head) {
        return TensorNames.head(this, head);
    }

    @Override
    public boolean mayBeDropped(String name) {
        return TensorNames.mayBeDropped(name, this);
    }

    @Override
    public String canonicalName(String stored, Set<String> files) {
        return TensorNames.canonicalName(stored, this, files);
    }

    @Override
    public Head headOf(Set<String> names) {
        return names.contains(TensorNames.SCORE) ? Head.SCALAR : Head.LANGUAGE_MODEL;
    }

    @Override
    public void addScalarHead(Parameters weights, long seed) {
        ScalarHead.create(weights, hidden(), seed);
    }

    @Override
    public SequenceScorer scorer(Parameters weights, @Nullable LoraAdapter adapter) {
        Parameters head =
                adapter != null && adapter.weights().contains(ScalarHead.WEIGHT) ? adapter.weights() : weights;
        return new SequenceScorer(new Decoder(this, weights, adapter), new ScalarHead(head));
    }

    /** {@inheritDoc} Rotary settings and the weight format stand there under their old and new names. */
    @Override
    public ObjectNode toJson(Head head, WeightFormat stored) {
        ObjectNode json = raw.deepCopy();
        ArrayNode architectures = json.putArray("architectures");
        architectures.add(family.architecture(head));
        json.put("model_type", family.modelType());
        json.put("dtype", stored.label());
        json.put("torch_dtype", stored.label());
        writeRope(json);
        if (head == Head.SCALAR) {
            json.put("num_labels", 1);
            json.putObject("id2label").put("0", "LABEL_0");
            json.putObject("label2id").put("LABEL_0", 0);
        } else {
            json.remove(List.of("num_labels", "id2label", "label2id"));
        }
        return json;
    }

    /** transformers takes rope_scaling in place of rope_parameters where both are there, so the two must agree. */
    private void writeRope(ObjectNode json) {
        List<Rope> distinct =
                ropes.stream().flatMap(Optional::stream).distinct().toList();
        if (distinct.isEmpty()) {
            return;
        }
        if (family.turnsByLayerType()) {
            writeRopesByType(json);
            return;
        }
        Rope rope = distinct.get(0);
        ObjectNode parameters = rope.toParameters();
        json.set("rope_parameters", parameters);
        json.put(family.keys().theta(), rope.theta());
        if (rope.share() != 1 || family.defaults().rotaryShare() != 1) {
            parameters.put("partial_rotary_factor", rope.share());
            json.put(family.keys().rotaryShare(), rope.share());
        }
        if (rope.scaling() instanceof RopeScaling.Plain) {
            json.putNull("rope_scaling");
        } else {
            json.set("rope_scaling", parameters.deepCopy());
        }
    }

    private void writeRopesByType(ObjectNode json) {
        ObjectNode byType = json.putObject("rope_parameters");
        json.putNull("rope_scaling");
        for (int layer = 0; layer < ropes.size(); layer++) {
            Rope rope = ropes.get(layer).orElseThrow();
            boolean local = windows.get(layer).isPresent();
            byType.set(local ? "sliding_attention" : "full_attention", rope.toParameters());
            json.put(local ? "rope_local_base_freq" : family.keys().theta(), rope.theta());
            if (!local && !(rope.scaling() instanceof RopeScaling.Plain)) {
                json.set("rope_scaling", rope.toParameters());
            }
        }
    }
}
