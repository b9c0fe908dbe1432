package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.ModelDirectory;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.safetensors.DType;
import org.rlhf4j.core.safetensors.SafetensorsFile.NonFinite;
import org.rlhf4j.core.safetensors.TensorInfo;
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
    private static final int NAMES_SHOWN = 20;

    private final Path directory;
    private final ModelConfig config;
    private final WeightDirectory files;
    private final BaseModel base;
    private final Head head;
    private final Map<String, byte[]> carried;
    private final @Nullable ModelSidecar sidecar;

    private Checkpoint(Path directory, ModelLocation location, ModelConfig config, WeightDirectory files) {
        this.directory = directory;
        this.config = config;
        this.files = files;
        this.base = new BaseModel(location, config, files.files());
        this.head = files.names().contains(TensorNames.SCORE) ? Head.SCALAR : Head.LANGUAGE_MODEL;
        requireExactly(TensorNames.model(config, head));
        requireOneLabel();
        this.carried = ModelFiles.carried(location.model());
        carried.putAll(ModelFiles.carried(directory));
        ModelSidecar own = sidecar(directory);
        this.sidecar = own == null ? sidecar(location.model()) : own;
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
        ModelConfig config = ModelConfig.read(location.model().resolve(ModelFiles.CONFIG));
        WeightDirectory files = WeightDirectory.open(location.model());
        try {
            return new Checkpoint(directory, location, config, files);
        } catch (RuntimeException | Error e) {
            files.close();
            throw e;
        }
    }

    private void requireExactly(Map<String, Shape> required) {
        List<String> missing = new ArrayList<>();
        List<String> misshapen = new ArrayList<>();
        required.forEach((name, shape) -> {
            if (!present(name)) {
                missing.add(name);
            } else if (!info(name).shape().equals(shape)) {
                misshapen.add(name + " is " + info(name).shape() + ", should be " + shape);
            }
        });
        List<String> unexpected = unneeded(required).stream()
                .filter(name -> !TensorNames.mayBeDropped(name, config))
                .toList();
        if (!missing.isEmpty() || !unexpected.isEmpty()) {
            throw bad("the tensors do not fit config.json: missing " + listed(missing) + "; unexpected "
                    + listed(unexpected));
        }
        if (!misshapen.isEmpty()) {
            throw bad("the tensors do not fit config.json: " + listed(misshapen));
        }
        for (String name : required.keySet()) {
            if (!info(name).dtype().isWeight()) {
                throw bad("tensor " + name + " is of " + info(name).dtype() + "; weights are read from "
                        + String.join(", ", WeightFormat.labels()) + " only");
            }
        }
    }

    private void requireOneLabel() {
        int labels = config.labels().orElse(1);
        if (head == Head.SCALAR && labels != 1) {
            throw bad("is a classifier with " + labels + " labels; a reward model has one");
        }
    }

    private static String listed(Collection<String> names) {
        if (names.isEmpty()) {
            return "none";
        }
        String shown = String.join(", ", names.stream().limit(NAMES_SHOWN).toList());
        int more = names.size() - NAMES_SHOWN;
        return names.size() + " (" + shown + (more > 0 ? " and " + more + " more" : "") + ")";
    }

    /** The directory. */
    public Path directory() {
        return directory;
    }

    /** The configuration. */
    public ModelConfig config() {
        return config;
    }

    /** The head that the files hold, those of an adapter included. */
    public Head head() {
        return base.bringsHead() ? Head.SCALAR : head;
    }

    /** The model as the base of adapters, and the adapter where this is one. */
    public BaseModel base() {
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
        TensorNames.model(config, head)
                .keySet()
                .forEach(name -> types.add(info(name).dtype()));
        return types.size() == 1 ? WeightFormat.of(types.first()) : WeightFormat.FLOAT32;
    }

    /** Number of weights, the head included. */
    public long parameters() {
        return TensorNames.model(config, head).values().stream()
                .mapToLong(Shape::size)
                .sum();
    }

    /** Tensors in the files that are not read because they carry nothing. */
    public List<String> droppedTensors() {
        return unneeded(TensorNames.model(config, head));
    }

    private List<String> unneeded(Map<String, Shape> required) {
        Set<String> needed = required.keySet().stream().map(this::inFiles).collect(Collectors.toSet());
        return files.names().stream().filter(name -> !needed.contains(name)).toList();
    }

    /** The name of a tensor of the model in the files. */
    private String inFiles(String name) {
        return TensorNames.inFiles(name, config, files.names());
    }

    private boolean present(String name) {
        return files.names().contains(inFiles(name));
    }

    private TensorInfo info(String name) {
        return files.info(inFiles(name));
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
            tokenizer.requireFits(config.sizes().vocabulary());
            if (sidecar != null && !sidecar.tokenizerSha256().equals(tokenizer.sha256())) {
                throw bad("tokenizer.json is not the one that this model was trained with (SHA-256 "
                        + tokenizer.sha256() + ", " + ModelSidecar.FILE + " says " + sidecar.tokenizerSha256() + ")");
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
            EncodingPolicy policy = encoding.apply(
                    sidecar != null
                            ? sidecar.encoding()
                            : EncodingPolicy.of(tokenizer, config.sizes().context()));
            config.requireWithinContext(policy.maxLength());
            return new ExampleEncoder(tokenizer, policy);
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
     * Reads the weights of the decoder and of its head; under an adapter that brings a head, those of the decoder.
     *
     * @param precision what they are kept and computed in
     * @return weights under their Hugging Face names, frozen, the caller's to close
     * @throws DataFormatException if a weight is NaN or infinite, or a tied head differs from the embedding
     */
    public Parameters load(Precision precision) {
        requireTiedHeadEqual();
        return base.bringsHead() ? loadDecoder(precision) : read(TensorNames.model(config, head), precision);
    }

    /** {@link #loadDecoder(Precision)} in float32. */
    public Parameters loadDecoder() {
        return loadDecoder(Precision.FLOAT32);
    }

    /**
     * Reads the weights of the decoder without its head, to put another head on it.
     *
     * @param precision what they are kept and computed in
     * @return weights under their Hugging Face names, frozen, the caller's to close
     * @throws DataFormatException if a weight is NaN or infinite
     */
    public Parameters loadDecoder(Precision precision) {
        return read(TensorNames.decoder(config), precision);
    }

    private Parameters read(Map<String, Shape> names, Precision precision) {
        return Torch.call(() -> {
            Parameters weights = new Parameters(precision);
            try {
                for (String name : names.keySet()) {
                    NDArray array = files.read(inFiles(name), weights.manager(), NonFinite.REFUSE, precision);
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
        String own = TensorNames.languageModelHead(config);
        boolean both = config.tied() && files.names().contains(own);
        if (both && !files.areEqual(inFiles(TensorNames.embedding(config)), own)) {
            throw bad("config.json ties " + own + " to the embedding, but the two differ in the files");
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
     * @param weights every tensor of decoder and head; others are not saved
     * @param format how the weights are stored
     * @param carried tokenizer and other files, by name
     * @param sidecar what is stored in {@code rlhf4j.json}, or null for none
     */
    public record Content(
            ModelConfig config,
            Head head,
            Parameters weights,
            WeightFormat format,
            Map<String, byte[]> carried,
            @Nullable ModelSidecar sidecar) {
        /** Checks that other readers find a scorer's last token. */
        public Content {
            if (head == Head.SCALAR && config.padTokenId().isEmpty()) {
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
        Map<String, Shape> shapes = TensorNames.model(content.config, content.head);
        Map<String, byte[]> files = new TreeMap<>(content.carried);
        if (content.sidecar != null) {
            files.put(ModelSidecar.FILE, Json.pretty(content.sidecar.toJson()).getBytes(StandardCharsets.UTF_8));
        }
        Torch.<IOException>run(() -> {
            List<TensorSource> tensors = new ArrayList<>();
            for (String name : shapes.keySet()) {
                tensors.add(TensorSource.of(name, content.weights.get(name), content.format.dtype()));
            }
            CheckpointWriter.write(
                    storage, target, content.config.toJson(content.head, content.format), files, tensors);
        });
    }
}
