package org.rlhf4j.lm;

import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.core.safetensors.TensorInfo;
import org.rlhf4j.core.safetensors.WeightDirectory;

/** The tensors in the files of a model directory, by the names that the model has for them. */
final class StoredTensors {
    private static final int NAMES_SHOWN = 20;

    private final Path directory;
    private final PretrainedConfig config;
    private final WeightDirectory files;
    private final Map<String, String> inFiles = new LinkedHashMap<>();

    StoredTensors(Path directory, PretrainedConfig config, WeightDirectory files) {
        this.directory = directory;
        this.config = config;
        this.files = files;
        for (String name : files.names()) {
            String canonical = config.canonicalName(name, files.names());
            String other = inFiles.put(canonical, name);
            if (other != null) {
                throw bad("the files have " + canonical + " twice, as " + other + " and as " + name);
            }
        }
    }

    /** The names that the model has for them. */
    Set<String> names() {
        return Collections.unmodifiableSet(inFiles.keySet());
    }

    /** The name of a tensor of the model in the files. */
    String inFiles(String name) {
        return inFiles.getOrDefault(name, name);
    }

    TensorInfo info(String name) {
        return files.info(inFiles(name));
    }

    /** The names in the files of those that are not among {@code required}. */
    List<String> unneeded(Map<String, Shape> required) {
        return inFiles.entrySet().stream()
                .filter(each -> !required.containsKey(each.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }

    /**
     * Refuses files that hold other tensors than the model has.
     *
     * @throws DataFormatException if one is missing or unexpected, or has another shape or no type of weights
     */
    void requireExactly(Map<String, Shape> required) {
        List<String> missing = new ArrayList<>();
        List<String> misshapen = new ArrayList<>();
        required.forEach((name, shape) -> {
            if (!inFiles.containsKey(name)) {
                missing.add(name);
            } else if (!info(name).shape().equals(shape)) {
                misshapen.add(name + " is " + info(name).shape() + ", should be " + shape);
            }
        });
        List<String> unexpected = unneeded(required).stream()
                .filter(name -> !config.mayBeDropped(config.canonicalName(name, files.names())))
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

    private static String listed(Collection<String> names) {
        if (names.isEmpty()) {
            return "none";
        }
        String shown = String.join(", ", names.stream().limit(NAMES_SHOWN).toList());
        int more = names.size() - NAMES_SHOWN;
        return names.size() + " (" + shown + (more > 0 ? " and " + more + " more" : "") + ")";
    }

    private DataFormatException bad(String reason) {
        return new DataFormatException(directory.toString(), 0, reason);
    }
}
