package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.ModelDirectory;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.safetensors.DType;
import org.rlhf4j.core.safetensors.SafetensorsFile.NonFinite;
import org.rlhf4j.core.safetensors.TensorSource;
import org.rlhf4j.core.safetensors.WeightDirectory;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Precision;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.text.EncodingPolicy;
import org.rlhf4j.lm.text.ExampleEncoder;
import org.rlhf4j.lm.text.TextTokenizer;

/**
 * A model directory in the layout of Hugging Face: {@code config.json}, {@code model.safetensors} or shards with their
 * index, {@code tokenizer.json} and the files around it, and {@code rlhf4j.json} where RLHF4J trained it.
 *
 * <p>The tensors in the files must be exactly those that the configuration calls for. A missing one is an error, never a
 * fresh initialisation; an unexpected one is an error unless it is known to carry nothing (old rotary buffers). Opening
 * reads headers only; {@link #load} reads weights.
 */
public final class Checkpoint implements AutoCloseable {
    private final Path directory;
    private final PretrainedConfig config;
    private final WeightDirectory files;
    private final @Nullable BaseModel base;
    private final StoredTensors stored;
    private final Head head;
    private final Map<String, byte[]> carried;
    private final @Nullable ModelSidecar sidecar;

    private Checkpoint(Path directory, ModelLocation location, PretrainedConfig config, WeightDirectory files) {
        this.directory = directory;
        this.config = config;
        this.files = files;
        this.base = base(location, config, files);
        this.stored = new StoredTensors(location.model(), config, files);
        this.head = config.headOf(stored.names());
        requireOneLabel();
        stored.requireExactly(required());
        this.carried = ModelFiles.carried(location.model());
        carried.putAll(ModelFiles.carried(directory));
        ModelSidecar own = sidecar(directory);
        this.sidecar = own == null ? sidecar(location.model()) : own;
    }

    /** The model as the base of adapters, which encoders have none of. */
    private static @Nullable BaseModel base(ModelLocation location, PretrainedConfig config, WeightDirectory files) {
        if (config instanceof ModelConfig decoder) {
            return new BaseModel(location, decoder, files.files());
        }
        AdapterDirectory adapter = location.adapter();
        if (adapter != null) {
            throw new DataFormatException(
                    adapter.directory().toString(),
                    0,
                    "is an adapter of an encoder (" + config.modelType() + "), which is not supported");
        }
        return null;
    }

    private static @Nullable ModelSidecar sidecar(Path directory) {
        byte @Nullable [] beside = ModelDirectory.read(directory, ModelSidecar.FILE);
        return beside == null
                ? null
                : ModelSidecar.read(beside, directory.resolve(ModelSidecar.FILE).toString());
    }

    /**
     * Opens a model directory, or that of an adapter with the model under it, and checks everything but the weights' values.
     *
     * @param directory holds {@code config.json} or {@code adapter_config.json}
     * @throws DataFormatException if it is no model directory, or one that is not supported
     */
    public static Checkpoint open(Path directory) {
        return open(directory, null);
    }

    /**
     * As {@link #open(Path)}, with the model under the adapter named.
     *
     * @param base the model; null to find it by what the adapter says
     */
    public static Checkpoint open(Path directory, @Nullable Path base) {
        if (!Files.isDirectory(directory)) {
            throw new DataFormatException(
                    directory.toString(),
                    0,
                    Files.exists(directory) ? "is not a directory" : "there is no such directory");
        }
        ModelLocation location = ModelLocation.of(directory, base);
        ModelDirectory.requireInside(location.model(), location.model().resolve(ModelFiles.CONFIG));
        PretrainedConfig config = PretrainedConfig.read(location.model().resolve(ModelFiles.CONFIG));
        WeightDirectory files = WeightDirectory.open(location.model());
        try {
            return new Checkpoint(directory, location, config, files);
        } catch (RuntimeException | Error e) {
            files.close();
            throw e;
        }
    }

    /** The tensors that are read, with their shapes: also what pre-training left of a scalar head where there is none. */
    private Map<String, Shape> required() {
        Map<String, Shape> shapes = new LinkedHashMap<>(config.headTensors(head == Head.NONE ? Head.SCALAR : head));
        if (head == Head.NONE) {
            shapes.keySet().retainAll(stored.names());
        }
        Map<String, Shape> all = new LinkedHashMap<>(config.backboneTensors());
        all.putAll(shapes);
        return all;
    }

    private void requireOneLabel() {
        int labels = config.labels().orElse(1);
        if (head == Head.SCALAR && labels != 1) {
            throw bad("is a classifier with " + labels + " labels; a reward model has one");
        }
    }

    /** The directory. */
    public Path directory() {
        return directory;
    }

    /** The configuration. */
    public PretrainedConfig config() {
        return config;
    }

    /**
     * The configuration of a decoder.
     *
     * @throws DataFormatException if the model is an encoder
     */
    public ModelConfig decoderConfig() {
        if (config instanceof ModelConfig decoder) {
            return decoder;
        }
        throw bad("is an encoder (" + config.modelType()
                + "), which gives scores and writes no text: a reward model can be"
                + " made of it (rlhf reward train), here a language model is needed");
    }

    /** The head that the files hold, those of an adapter included. */
    public Head head() {
        return bringsHead() ? Head.SCALAR : head;
    }

    private boolean bringsHead() {
        return base != null && base.bringsHead();
    }

    /**
     * The model as the base of adapters, and the adapter where this is one.
     *
     * @throws DataFormatException if the model is an encoder
     */
    public BaseModel base() {
        if (base == null) {
            throw bad(
                    "is an encoder (" + config.modelType() + "), and adapters are on decoders only: leave out --lora");
        }
        return base;
    }

    /** What RLHF4J stored with the model, if it trained it. */
    public Optional<ModelSidecar> sidecar() {
        return Optional.ofNullable(sidecar);
    }

    /** Tokenizer files, generation settings and licence, by name: what is carried over to a model made from this one. */
    public Map<String, byte[]> carriedFiles() {
        return new TreeMap<>(carried);
    }

    /** The format of the stored weights; float32 where the files mix several. */
    public WeightFormat format() {
        TreeSet<DType> types = new TreeSet<>();
        required().keySet().forEach(name -> types.add(stored.info(name).dtype()));
        return types.size() == 1 ? WeightFormat.of(types.first()) : WeightFormat.FLOAT32;
    }

    /** Number of weights, the head included. */
    public long parameters() {
        return required().values().stream().mapToLong(Shape::size).sum();
    }

    /** Tensors in the files that are not read because they carry nothing. */
    public List<String> droppedTensors() {
        return stored.unneeded(required());
    }

    /**
     * Opens the tokenizer and checks it against the model: every id has an embedding row, and it is the tokenizer that a
     * model of RLHF4J was trained with.
     *
     * @return a tokenizer that is the caller's to close
     * @throws DataFormatException if there is none, or it belongs to another model
     */
    public TextTokenizer openTokenizer() {
        TextTokenizer tokenizer = TextTokenizer.of(carried, directory.toString());
        try {
            tokenizer.requireFits(config.vocabulary());
            if (sidecar != null && !sidecar.tokenizerSha256().equals(tokenizer.sha256())) {
                throw bad("tokenizer.json is not the one that this model was trained with (SHA-256 "
                        + tokenizer.sha256() + ", " + ModelSidecar.FILE + " says " + sidecar.tokenizerSha256()
                        + "): put that one back");
            }
            return tokenizer;
        } catch (RuntimeException | Error e) {
            tokenizer.close();
            throw e;
        }
    }

    /**
     * Opens the tokenizer with the way from text to ids: the policy that the model was trained with, or the one that fits
     * its tokenizer where none is stored.
     *
     * @param encoding changes that policy
     * @return an encoder whose tokenizer is the caller's to close
     * @throws DataFormatException if there is no tokenizer, it belongs to another model, or the policy does not fit
     */
    public ExampleEncoder openEncoder(UnaryOperator<EncodingPolicy> encoding) {
        TextTokenizer tokenizer = openTokenizer();
        try {
            boolean pairs = config instanceof EncoderConfig;
            EncodingPolicy fitting =
                    pairs ? EncodingPolicy.ofPairs(config.context()) : EncodingPolicy.of(tokenizer, config.context());
            EncodingPolicy policy = encoding.apply(sidecar != null ? sidecar.encoding() : fitting);
            config.requireWithinContext(policy.maxLength());
            return pairs ? ExampleEncoder.ofPairs(tokenizer, policy) : new ExampleEncoder(tokenizer, policy);
        } catch (RuntimeException | Error e) {
            tokenizer.close();
            throw e;
        }
    }

    /** Whether there is a tokenizer at all. */
    public boolean hasTokenizer() {
        return carried.containsKey("tokenizer.json");
    }

    /** {@link #load(Precision)} in float32. */
    public Parameters load() {
        return load(Precision.FLOAT32);
    }

    /**
     * Reads the weights of the backbone and of its head; under an adapter that brings a head, those of the backbone.
     *
     * @param precision what they are kept and computed in
     * @return weights under their Hugging Face names, frozen, the caller's to close
     * @throws DataFormatException if a weight is NaN or infinite, or a tied head differs from the embedding
     */
    public Parameters load(Precision precision) {
        requireTiedHeadEqual();
        return bringsHead() ? loadBackbone(precision) : read(required().keySet(), precision);
    }

    /** {@link #loadBackbone(Precision)} in float32. */
    public Parameters loadBackbone() {
        return loadBackbone(Precision.FLOAT32);
    }

    /**
     * Reads the weights of the backbone without its head, to put another head on it, and what pre-training left of a scalar
     * head where there is none.
     *
     * @param precision what they are kept and computed in
     * @return weights under their Hugging Face names, frozen, the caller's to close
     * @throws DataFormatException if a weight is NaN or infinite
     */
    public Parameters loadBackbone(Precision precision) {
        return read(
                head == Head.NONE
                        ? required().keySet()
                        : config.backboneTensors().keySet(),
                precision);
    }

    private Parameters read(Set<String> names, Precision precision) {
        config.requirePrecision(precision);
        return Torch.call(() -> {
            Parameters weights = new Parameters(precision);
            try {
                for (String name : names) {
                    NDArray array = files.read(stored.inFiles(name), weights.manager(), NonFinite.REFUSE, precision);
                    weights.put(name, array);
                }
                return weights;
            } catch (RuntimeException | Error e) {
                weights.close();
                throw e;
            }
        });
    }

    private void requireTiedHeadEqual() {
        if (config instanceof ModelConfig decoder && decoder.tied()) {
            String own = TensorNames.languageModelHead(decoder);
            String embedding = stored.inFiles(TensorNames.embedding(decoder));
            if (stored.names().contains(own) && !files.areEqual(embedding, stored.inFiles(own))) {
                throw bad("config.json ties " + own + " to the embedding, but the two differ in the files");
            }
        }
    }

    private DataFormatException bad(String reason) {
        return new DataFormatException(directory.toString(), 0, reason);
    }

    @Override
    public void close() {
        files.close();
    }

    /**
     * A model to be saved.
     *
     * @param config its configuration
     * @param head the head among its weights
     * @param weights every tensor of backbone and head; others are not saved
     * @param format how the weights are stored
     * @param carried tokenizer and other files, by name
     * @param sidecar what is stored in {@code rlhf4j.json}, or null for none
     */
    public record Content(
            PretrainedConfig config,
            Head head,
            Parameters weights,
            WeightFormat format,
            Map<String, byte[]> carried,
            @Nullable ModelSidecar sidecar) {
        /** Checks that other readers find a scorer's last token. */
        public Content {
            if (head == Head.SCALAR
                    && config instanceof ModelConfig
                    && config.padTokenId().isEmpty()) {
                throw new IllegalArgumentException(
                        "a scorer is saved with a pad_token_id that no sequence ends with: ModelConfig.withPadTokenId");
            }
        }
    }

    /**
     * Saves a model into a fresh directory, which appears complete or not at all.
     *
     * @param storage does the writing
     * @param target absent, or an empty directory
     * @param content the model
     * @throws IOException if it cannot be written
     * @throws org.rlhf4j.core.safetensors.WeightRangeException if a weight is NaN, infinite or too large for the format
     */
    public static void save(Storage storage, Path target, Content content) throws IOException {
        Set<String> names = new LinkedHashSet<>(content.config.backboneTensors().keySet());
        names.addAll(content.config.headTensors(content.head).keySet());
        Map<String, byte[]> files = new TreeMap<>(content.carried);
        if (content.sidecar != null) {
            boolean atLast = content.config instanceof ModelConfig;
            files.put(
                    ModelSidecar.FILE,
                    Json.pretty(content.sidecar.toJson(atLast)).getBytes(StandardCharsets.UTF_8));
        }
        Torch.<IOException>run(() -> {
            List<TensorSource> tensors = new ArrayList<>();
            for (String name : names) {
                tensors.add(TensorSource.of(name, content.weights.get(name), content.format.dtype()));
            }
            CheckpointWriter.write(
                    storage, target, content.config.toJson(content.head, content.format), files, tensors);
        });
    }
}
