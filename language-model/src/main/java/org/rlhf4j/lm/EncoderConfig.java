package org.rlhf4j.lm;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Precision;
import org.rlhf4j.lm.lora.LoraAdapter;

/**
 * What {@code config.json} says of an encoder, checked: its family, its sizes and the settings of its forward pass.
 *
 * <p>What changes the result of a forward pass and is not supported here is refused by name. Dropout is not applied, in scoring
 * or in training. Every other key is kept and written back as it was.
 */
public final class EncoderConfig implements PretrainedConfig {
    /**
     * The sizes of an encoder.
     *
     * @param vocabulary rows of the embedding, V
     * @param embedding width of the embeddings
     * @param hidden width of the stream, H
     * @param intermediate width inside the MLP, F
     * @param layers number of layers
     * @param heads heads of attention, n, a divisor of H
     * @param positions rows of the table of positions, or the context where there is none
     * @param tokenTypes rows of the table of token types, or 0
     */
    public record Sizes(
            int vocabulary,
            int embedding,
            int hidden,
            int intermediate,
            int layers,
            int heads,
            int positions,
            int tokenTypes) {
        private static final int MAX_LAYERS = 10_000;

        /** Checks that the sizes fit each other. */
        public Sizes {
            requirePositive("vocabulary", vocabulary);
            requirePositive("embedding", embedding);
            requirePositive("hidden", hidden);
            requirePositive("intermediate", intermediate);
            requirePositive("layers", layers);
            requirePositive("heads", heads);
            requirePositive("positions", positions);
            if (hidden % heads != 0) {
                throw new IllegalArgumentException(
                        "hidden size " + hidden + " is not a multiple of " + heads + " heads");
            }
            if (layers > MAX_LAYERS) {
                throw new IllegalArgumentException("the number of layers is " + layers + ", above " + MAX_LAYERS);
            }
            if (tokenTypes < 0) {
                throw new IllegalArgumentException("type_vocab_size is " + tokenTypes + ", must not be negative");
            }
        }

        private static void requirePositive(String size, int value) {
            if (value <= 0) {
                throw new IllegalArgumentException("the " + size + " size is " + value + ", must be positive");
            }
        }

        /** Numbers a head, D. */
        public int headDim() {
            return hidden / heads;
        }
    }

    /**
     * Which linear maps and norms have biases.
     *
     * @param attention the projections of attention
     * @param mlp those of the MLP
     * @param norm all norms
     * @param head the first projection of the classification head
     */
    record Biases(boolean attention, boolean mlp, boolean norm, boolean head) {
        static final Biases ALL = new Biases(true, true, true, true);
    }

    /**
     * The parts of disentangled attention (He et al., arXiv:2006.03654, section 3.1) that a model has.
     *
     * @param span relative positions beyond it on either side are taken as if at it
     * @param buckets positions on either side that are told apart, the far ones by their logarithm; 0 for all of them
     * @param farthest the largest distance that the buckets reach
     * @param contentToPosition whether queries look at positions
     * @param positionToContent whether positions look at keys
     * @param sharedProjections whether positions go through the projections of queries and keys, or through their own
     */
    record Disentangled(
            int span,
            int buckets,
            int farthest,
            boolean contentToPosition,
            boolean positionToContent,
            boolean sharedProjections) {}

    /**
     * How attention knows about positions.
     *
     * @param windows for each layer how far from a token it sees, on either side, or empty for everything
     * @param thetas for each layer the base of its rotary frequencies, or empty for none
     * @param disentangled the parts of disentangled attention, or null where there are none
     * @param scoreTerms how many terms a score is said to be the sum of; it is divided by {@code sqrt(terms D)}
     * @param normedRelative whether the table of relative positions is normed
     */
    @SuppressWarnings("Immutable") // the lists are copies
    record Attending(
            List<OptionalInt> windows,
            List<Double> thetas,
            @Nullable Disentangled disentangled,
            int scoreTerms,
            boolean normedRelative) {
        Attending {
            windows = List.copyOf(windows);
            thetas = List.copyOf(thetas);
        }
    }

    private final EncoderFamily family;
    private final Sizes sizes;
    private final double normEps;
    private final Activation activation;
    private final Activation headActivation;
    private final boolean meanPooling;
    private final boolean positionTable;
    private final Biases biases;
    private final Attending attending;
    private final double initializerRange;
    private final @Nullable Integer padTokenId;
    private final @Nullable Integer labels;
    private final @Nullable WeightFormat format;
    private final ObjectNode raw;

    private EncoderConfig(EncoderConfigReader reader) {
        reader.refuseUnsupported();
        this.family = reader.family();
        this.sizes = reader.sizes();
        this.normEps = reader.normEps();
        this.activation = reader.activation();
        this.headActivation = reader.headActivation();
        this.meanPooling = reader.meanPooling();
        this.positionTable = reader.positionTable();
        this.biases = reader.biases();
        this.attending = reader.attending();
        this.initializerRange = reader.initializerRange();
        this.padTokenId = reader.padTokenId();
        this.labels = reader.labels();
        this.format = reader.format();
        this.raw = reader.raw();
        reader.requireTokenIdsWithin(sizes.vocabulary());
        reader.requirePositionsAfterPadding();
    }

    /**
     * Reads the content of a {@code config.json}.
     *
     * @param json the content
     * @param file its name, for messages
     * @throws DataFormatException if it describes a model that is not supported
     */
    public static EncoderConfig of(JsonNode json, String file) {
        return new EncoderConfig(new EncoderConfigReader(JsonFields.of(json, file, 0)));
    }

    /** The family, which decides tensor names and forward pass. */
    public EncoderFamily family() {
        return family;
    }

    /** The sizes. */
    public Sizes sizes() {
        return sizes;
    }

    /** Epsilon of every norm, added to the variance. */
    public double normEps() {
        return normEps;
    }

    /** Whether the score is read from the mean of all hidden states and not from the first. */
    public boolean meanPooling() {
        return meanPooling;
    }

    /** The activation of the MLP. */
    Activation activation() {
        return activation;
    }

    /** The activation of the classification head. */
    Activation headActivation() {
        return headActivation;
    }

    /** Whether there is a table of positions. */
    boolean positionTable() {
        return positionTable;
    }

    /** Which parts have biases. */
    Biases biases() {
        return biases;
    }

    /** How attention knows about positions. */
    Attending attending() {
        return attending;
    }

    /** Standard deviation of fresh weights. */
    double initializerRange() {
        return initializerRange;
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

    /** {@inheritDoc} RoBERTa's table of positions has rows before that of the first token. */
    @Override
    public int context() {
        return sizes.positions() - firstPosition();
    }

    /** The position of a row's first token in the table. */
    int firstPosition() {
        boolean after = family.design().embeddings().how() == EncoderDesign.Positions.AFTER_PADDING;
        return after && padTokenId != null ? padTokenId + 1 : 0;
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
        return Optional.ofNullable(padTokenId);
    }

    @Override
    public void requirePrecision(Precision precision) {
        if (precision.computesBfloat16()) {
            throw new DataFormatException(
                    "encoders (" + modelType() + ") compute in float32 only: choose --dtype float32");
        }
    }

    @Override
    public Map<String, Shape> backboneTensors() {
        return EncoderTensors.backbone(this);
    }

    @Override
    public Map<String, Shape> headTensors(Head head) {
        return head == Head.SCALAR ? EncoderTensors.head(this) : Map.of();
    }

    @Override
    public String canonicalName(String stored, Set<String> files) {
        return EncoderTensors.canonicalName(this, stored, files);
    }

    @Override
    public boolean mayBeDropped(String name) {
        return EncoderTensors.mayBeDropped(this, name);
    }

    /** {@inheritDoc} The last projection decides: the others may be left from pre-training. */
    @Override
    public Head headOf(Set<String> names) {
        String out = family.design().head().out();
        return names.contains(out + ".weight") || names.contains(out + ".bias") ? Head.SCALAR : Head.NONE;
    }

    @Override
    public void addScalarHead(Parameters weights, long seed) {
        ClassificationHead.complete(this, weights, seed);
    }

    /** {@inheritDoc} There are no adapters of encoders. */
    @Override
    public SequenceScorer scorer(Parameters weights, @Nullable LoraAdapter adapter) {
        if (adapter != null) {
            throw new IllegalArgumentException("there are no adapters of encoders");
        }
        return new SequenceScorer(new Encoder(this, weights), new ClassificationHead(this, weights));
    }

    @Override
    public ObjectNode toJson(Head head, WeightFormat stored) {
        ObjectNode json = raw.deepCopy();
        json.putArray("architectures").add(family.architecture());
        json.put("model_type", family.modelType());
        json.put("dtype", stored.label());
        json.put("torch_dtype", stored.label());
        json.put("num_labels", 1);
        json.putObject("id2label").put("0", "LABEL_0");
        json.putObject("label2id").put("LABEL_0", 0);
        return json;
    }
}
