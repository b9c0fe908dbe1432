package org.rlhf4j.lm;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.DirectoryTransaction;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.ModelDirectory;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.safetensors.SafetensorsFile;
import org.rlhf4j.core.safetensors.SafetensorsWriter;
import org.rlhf4j.core.safetensors.TensorInfo;
import org.rlhf4j.core.safetensors.TensorSource;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.hub.Hub;
import org.rlhf4j.lm.hub.HubListener;
import org.rlhf4j.lm.hub.HubName;
import org.rlhf4j.lm.lora.AdapterConfig;
import org.rlhf4j.lm.lora.LinearModule;
import org.rlhf4j.lm.lora.LoraAdapter;

/**
 * A directory in PEFT's layout: {@code adapter_config.json} and {@code adapter_model.safetensors}, with the files of the
 * tokenizer, and without the model that the adapter belongs to.
 */
final class AdapterDirectory {
    private static final String WEIGHTS = "adapter_model.safetensors";
    private static final String PICKLE = "adapter_model.bin";
    private static final List<String> MODELS = List.of("model.safetensors", "model.safetensors.index.json");

    /** What PEFT puts before every name. */
    private static final String PREFIX = "base_model.model.";

    /** Names that PEFT lists for heads of classifiers, whichever of them there is. */
    private static final List<String> HEADS = List.of("classifier", "score");

    /** How a user names a base. */
    private static final String MERGE = "name it to merge the two (rlhf model merge ADAPTER --base DIR --out DIR)";

    private final Path directory;
    private final AdapterConfig config;
    private final Map<String, TensorInfo> tensors;

    private AdapterDirectory(Path directory, AdapterConfig config, Map<String, TensorInfo> tensors) {
        this.directory = directory;
        this.config = config;
        this.tensors = tensors;
    }

    /** Whether a directory holds an adapter, and no weights of a model. */
    static boolean is(Path directory) {
        return Files.isRegularFile(directory.resolve(AdapterConfig.FILE))
                && MODELS.stream().noneMatch(name -> Files.isRegularFile(directory.resolve(name)));
    }

    static AdapterDirectory open(Path directory) {
        for (String name : List.of(AdapterConfig.FILE, WEIGHTS, AdapterBase.FILE)) {
            ModelDirectory.requireInside(directory, directory.resolve(name));
        }
        AdapterConfig config = AdapterConfig.read(directory.resolve(AdapterConfig.FILE));
        Path weights = directory.resolve(WEIGHTS);
        if (!Files.isRegularFile(weights)) {
            throw new DataFormatException(
                    directory.toString(),
                    0,
                    Files.exists(directory.resolve(PICKLE))
                            ? "holds " + PICKLE + ", a Python pickle: save the adapter as safetensors"
                            : "has no " + WEIGHTS);
        }
        Map<String, TensorInfo> tensors = new LinkedHashMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(weights)) {
            for (TensorInfo tensor : file.tensors()) {
                if (!tensor.name().startsWith(PREFIX)) {
                    throw new DataFormatException(
                            weights.toString(), 0, "tensor " + tensor.name() + " does not begin with " + PREFIX);
                }
                tensors.put(tensor.name().substring(PREFIX.length()), tensor);
            }
        }
        return new AdapterDirectory(directory, config, tensors);
    }

    Path directory() {
        return directory;
    }

    AdapterConfig config() {
        return config;
    }

    /** Whether the adapter brings a score head. */
    boolean hasScoreHead() {
        return tensors.containsKey(TensorNames.SCORE);
    }

    /**
     * Where the model is that the adapter belongs to.
     *
     * @param given by the user instead, or null
     * @throws DataFormatException if it is nowhere
     */
    Path base(@Nullable Path given) {
        if (given != null) {
            return given;
        }
        String name = config.base().orElse("");
        if (name.isEmpty()) {
            throw bad(
                    AdapterConfig.FILE + " does not say which model it belongs to (base_model_name_or_path): " + MERGE);
        }
        Path beside = directory.resolve(name).normalize();
        Path here = Path.of(name);
        if (Files.isDirectory(beside)) {
            return beside;
        }
        if (Files.isDirectory(here)) {
            return here;
        }
        // A name without an organisation is a directory's as a rule; with a revision the hub had it.
        Optional<HubName> named = name.contains("/") || config.revision().isPresent()
                ? HubName.parse(
                        config.revision().map(revision -> name + "@" + revision).orElse(name))
                : Optional.empty();
        if (named.isEmpty()) {
            throw bad("belongs to the model \"" + name + "\", which is no directory here and no name of the hub"
                    + " (org/name): put it at " + here.toAbsolutePath() + ", or " + MERGE);
        }
        try {
            return Hub.ofProcess().download(named.get(), HubListener.NONE).directory();
        } catch (IOException e) {
            throw new DataFormatException(
                    directory.toString(),
                    0,
                    "belongs to the model \"" + name + "\", which cannot be had from the hub: " + e.getMessage()
                            + "; put it at " + here.toAbsolutePath() + ", or " + MERGE,
                    e);
        }
    }

    /** Refuses a base with other weights than those that the adapter was trained on, where it says which. */
    void requireBase(Path base, List<Path> weightFiles) {
        Path recorded = directory.resolve(AdapterBase.FILE);
        if (Files.isRegularFile(recorded)) {
            AdapterBase.read(recorded).requireEqual(base, weightFiles, directory);
        }
    }

    /**
     * Reads the adapter.
     *
     * @param model the linear maps that it is put on
     * @param score the shape of a score head's weight, for an adapter that brings one
     * @return the adapter, frozen, the caller's to close
     * @throws DataFormatException if its tensors are not exactly those that its configuration calls for
     */
    LoraAdapter load(List<LinearModule> model, Shape score) {
        requireKnownModules();
        Map<String, Shape> shapes = new LinkedHashMap<>();
        try {
            shapes.putAll(LoraAdapter.shapes(config, model));
        } catch (IllegalArgumentException e) {
            throw bad(String.valueOf(e.getMessage()));
        } catch (DataFormatException e) {
            throw e.at(directory.resolve(AdapterConfig.FILE).toString(), 0);
        }
        if (hasScoreHead()) {
            shapes.put(TensorNames.SCORE, score);
        }
        requireExactly(shapes);
        return Torch.call(() -> {
            Parameters weights = new Parameters();
            try (SafetensorsFile file = SafetensorsFile.open(directory.resolve(WEIGHTS))) {
                for (String name : shapes.keySet()) {
                    weights.put(name, file.read(PREFIX + name, weights.manager()));
                }
                return new LoraAdapter(config, model, weights, 0);
            } catch (RuntimeException | Error e) {
                weights.close();
                throw e;
            }
        });
    }

    private void requireKnownModules() {
        for (String module : config.modulesToSave()) {
            if (!HEADS.contains(module)) {
                throw bad("modules_to_save of " + AdapterConfig.FILE + " has \"" + module
                        + "\"; of whole modules the score head alone is supported");
            }
        }
    }

    private void requireExactly(Map<String, Shape> shapes) {
        Set<String> unexpected = new LinkedHashSet<>(tensors.keySet());
        shapes.forEach((name, shape) -> {
            TensorInfo tensor = tensors.get(name);
            if (tensor == null) {
                throw bad(WEIGHTS + " has no tensor " + PREFIX + name + ", which " + AdapterConfig.FILE + " calls for");
            }
            if (!tensor.shape().equals(shape)) {
                throw bad("tensor " + PREFIX + name + " is " + tensor.shape() + ", should be " + shape
                        + " for this base and rank");
            }
            unexpected.remove(name);
        });
        if (!unexpected.isEmpty()) {
            throw bad(WEIGHTS + " has " + unexpected.size() + " tensors that " + AdapterConfig.FILE
                    + " does not call for, the first of them " + PREFIX
                    + unexpected.iterator().next());
        }
    }

    private DataFormatException bad(String reason) {
        return new DataFormatException(directory.toString(), 0, reason);
    }

    /**
     * Saves an adapter into a fresh directory, which appears complete or not at all.
     *
     * @param target absent, or empty
     * @param adapter with every weight that is to be saved
     * @param head what stands on the decoder
     * @param base what it was trained on
     * @param files beside it, by name
     */
    static void save(Storage storage, Path target, LoraAdapter adapter, Head head, Base base, Map<String, byte[]> files)
            throws IOException {
        boolean scores = head == Head.SCALAR;
        List<LinearModule> targets = adapter.targets();
        AdapterConfig config = adapter.config()
                .resolved(
                        names(targets, base.modules()),
                        scores ? HEADS : List.of(),
                        targets.get(0).transposed())
                .on(base.name(), base.revision());
        Map<String, byte[]> all = new TreeMap<>(files);
        put(all, AdapterConfig.FILE, config.toJson(scores ? "SEQ_CLS" : "CAUSAL_LM"));
        put(all, AdapterBase.FILE, base.weights().toJson());
        Torch.<IOException>run(() -> {
            List<TensorSource> tensors = new ArrayList<>();
            for (String name : adapter.weights().names()) {
                tensors.add(TensorSource.of(PREFIX + name, adapter.weights().get(name), WeightFormat.FLOAT32.dtype()));
            }
            Storage.requireSpace(target, SafetensorsWriter.bytes(tensors));
            try (DirectoryTransaction directory = storage.beginDirectory(target)) {
                for (Map.Entry<String, byte[]> entry : all.entrySet()) {
                    directory.write(entry.getKey(), entry.getValue());
                }
                SafetensorsWriter.write(directory, WEIGHTS, tensors);
                directory.commit();
            }
        });
    }

    /**
     * The model under an adapter that is saved.
     *
     * @param name as {@code adapter_config.json} has it
     * @param revision of a base from the hub
     * @param weights what identifies it
     * @param modules its linear maps
     */
    record Base(String name, Optional<String> revision, AdapterBase weights, List<LinearModule> modules) {}

    private static void put(Map<String, byte[]> files, String name, ObjectNode json) {
        files.put(name, Json.pretty(json).getBytes(StandardCharsets.UTF_8));
    }

    /** The last parts of the targets' names where they mean no other module, as PEFT would list them; else whole names. */
    private static List<String> names(List<LinearModule> targets, List<LinearModule> all) {
        Set<String> last = new LinkedHashSet<>();
        Set<String> whole = new LinkedHashSet<>();
        targets.forEach(target -> {
            whole.add(target.name());
            last.add(target.name().substring(target.name().lastIndexOf('.') + 1));
        });
        boolean exact = all.stream()
                .filter(module -> !whole.contains(module.name()))
                .noneMatch(module ->
                        last.contains(module.name().substring(module.name().lastIndexOf('.') + 1)));
        return List.copyOf(exact ? last : whole);
    }
}
