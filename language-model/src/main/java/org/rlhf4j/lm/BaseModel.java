package org.rlhf4j.lm;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.lora.AdapterConfig;
import org.rlhf4j.lm.lora.LinearModule;
import org.rlhf4j.lm.lora.LoraAdapter;
import org.rlhf4j.lm.lora.LoraConfig;

/** A stored model as the base of adapters: makes them, and saves them with a note of what they belong to. */
public final class BaseModel {
    private final ModelLocation location;
    private final ModelConfig config;
    private final List<Path> files;
    private @Nullable AdapterBase fingerprint;

    /**
     * The base.
     *
     * @param location where it is, with the adapter that it is opened under
     * @param config of the model
     * @param files its weight files
     * @throws DataFormatException if that adapter belongs to other weights
     */
    BaseModel(ModelLocation location, ModelConfig config, List<Path> files) {
        this.location = location;
        this.config = config;
        this.files = List.copyOf(files);
        AdapterDirectory adapter = location.adapter();
        if (adapter != null) {
            adapter.requireBase(location.model(), files);
        }
    }

    /** What is thrown where text is asked of a model that came without a tokenizer. */
    IllegalStateException withoutTokenizer() {
        return new IllegalStateException(location.model()
                + ": holds no tokenizer.json, without which there is no text; put the model's own beside its weights");
    }

    /** What the adapter says of itself, where it is opened under one. */
    public Optional<AdapterConfig> adapterConfig() {
        return Optional.ofNullable(location.adapter()).map(AdapterDirectory::config);
    }

    /** Whether the adapter that it is opened under brings a head of its own. */
    boolean bringsHead() {
        AdapterDirectory adapter = location.adapter();
        return adapter != null && adapter.hasScoreHead();
    }

    /**
     * Reads the adapter that it is opened under.
     *
     * @param weights of the model, as {@link Checkpoint#load()} gave them; the adapter does not own them
     * @return the adapter, frozen, the caller's to close; null where there is none
     * @throws DataFormatException if its tensors are not exactly those that its configuration calls for
     */
    public @Nullable LoraAdapter loadAdapter(Parameters weights) {
        AdapterDirectory adapter = location.adapter();
        return adapter == null ? null : adapter.load(linears(weights), scoreShape());
    }

    private Shape scoreShape() {
        return new Shape(1, config.sizes().hidden());
    }

    /**
     * Folds the adapter that it is opened under into its weights, in place: they are then those of a model that does the same
     * without an adapter.
     *
     * @param weights of the model, as {@link Checkpoint#load()} gave them
     * @return the same, with those of the head
     * @throws DataFormatException if the adapter cannot be read
     */
    public Parameters merge(Parameters weights) {
        LoraAdapter adapter = loadAdapter(weights);
        if (adapter != null) {
            try (adapter) {
                Torch.run(() -> adapter.mergeInto(weights));
            }
        }
        return weights;
    }

    /**
     * A fresh adapter, which changes nothing until it is trained. The weight files are read for their checksums.
     *
     * @param lora how
     * @param weights of the model
     * @param seed of the adapter's weights and of dropout
     * @return the adapter, the caller's to close
     * @throws IllegalArgumentException if it would be on no module
     * @throws DataFormatException if there is an adapter already
     */
    public LoraAdapter adapter(LoraConfig lora, Parameters weights, long seed) {
        AdapterDirectory present = location.adapter();
        if (present != null) {
            throw new DataFormatException(
                    present.directory().toString(),
                    0,
                    "is an adapter already: train it on without asking for another one, or fold it into its base first"
                            + " (rlhf model merge)");
        }
        fingerprint();
        return Torch.call(() -> LoraAdapter.create(lora, linears(weights), seed));
    }

    /** The linear maps of the model's layers, over its weights. */
    List<LinearModule> linears(Parameters weights) {
        return LinearModules.of(config, weights);
    }

    /** Checksums of the weight files when they were first asked for. */
    private AdapterBase fingerprint() {
        if (fingerprint == null) {
            fingerprint = AdapterBase.of(files);
        }
        return fingerprint;
    }

    /**
     * Saves a model with the adapter that it is opened under folded in, so that it needs none.
     *
     * @param checkpoint of an adapter
     * @param target absent, or an empty directory
     * @param format how the weights are stored
     * @throws DataFormatException if there is no adapter, or a scorer has no padding token
     * @throws IOException if it cannot be written; nothing is left behind
     */
    public static void saveMerged(Checkpoint checkpoint, Path target, WeightFormat format) throws IOException {
        if (checkpoint.base().adapterConfig().isEmpty()) {
            throw new DataFormatException(
                    checkpoint.directory().toString(), 0, "is no adapter, so there is nothing to merge");
        }
        ModelConfig config = padded(checkpoint);
        try (Parameters weights = checkpoint.base().merge(checkpoint.load())) {
            ModelSidecar sidecar = checkpoint.sidecar().orElse(null);
            Checkpoint.save(
                    Storage.disk(),
                    target,
                    new Checkpoint.Content(
                            config, checkpoint.head(), weights, format, checkpoint.carriedFiles(), sidecar));
        }
    }

    /** The configuration, with a padding token where other readers of a scorer need one. */
    private static ModelConfig padded(Checkpoint checkpoint) {
        ModelConfig config = checkpoint.decoderConfig();
        return checkpoint.head() == Head.LANGUAGE_MODEL ? config : ScorerPadding.of(checkpoint);
    }

    /**
     * An adapter to be saved.
     *
     * @param adapter with the weights of the head among its own where it has one
     * @param head what stands on top
     * @param weights of the model under it
     * @param carried tokenizer and other files, by name
     * @param sidecar what is stored in {@code rlhf4j.json}, or null for none
     */
    public record Content(
            LoraAdapter adapter,
            Head head,
            Parameters weights,
            Map<String, byte[]> carried,
            @Nullable ModelSidecar sidecar) {}

    /**
     * Saves an adapter into a fresh directory that PEFT opens too.
     *
     * @param directory absent, or empty
     * @param content the adapter
     * @throws IOException if it cannot be written; nothing is left behind
     */
    public void save(Path directory, Content content) throws IOException {
        Map<String, byte[]> beside = new TreeMap<>(content.carried);
        if (content.sidecar != null) {
            beside.put(
                    ModelSidecar.FILE, Json.pretty(content.sidecar.toJson(true)).getBytes(StandardCharsets.UTF_8));
        }
        AdapterDirectory.save(
                Storage.disk(),
                directory,
                content.adapter,
                content.head,
                new AdapterDirectory.Base(
                        location.name(), location.revision(), fingerprint(), linears(content.weights)),
                beside);
    }
}
