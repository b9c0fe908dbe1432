package org.rlhf4j.core.checkpoint;

import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.ExactNumbers;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.core.safetensors.SafetensorsFile;
import org.rlhf4j.core.safetensors.SafetensorsFile.NonFinite;
import org.rlhf4j.core.safetensors.TensorInfo;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * The state that a {@link StateWriter} collected, read from a checkpoint. Whatever is missing or of another kind or shape
 * than asked for is a {@link DataFormatException} that names the file.
 */
public final class StateReader {
    static final String VALUES = "state.json";
    static final String TENSORS = ".safetensors";
    static final String STEP = "step";
    static final String STATE = "state";

    private final Path directory;
    private final long step;
    private final JsonFields values;
    private final String prefix;

    private StateReader(Path directory, long step, JsonFields values, String prefix) {
        this.directory = directory;
        this.step = step;
        this.values = values;
        this.prefix = prefix;
    }

    static StateReader of(Path directory, JsonFields fields) {
        return new StateReader(directory, fields.integer(STEP), fields.object(STATE), "");
    }

    /** The directory of the checkpoint. */
    public Path directory() {
        return directory;
    }

    /** The step after which it was written. */
    public long step() {
        return step;
    }

    /** Whether a value is there. */
    public boolean has(String name) {
        return values.has(name);
    }

    /** An integer. */
    public long integer(String name) {
        return values.integer(name);
    }

    /** A number, to the bit. */
    public double number(String name) {
        return ExactNumbers.number(values, name);
    }

    /** A truth value. */
    public boolean bool(String name) {
        return values.bool(name);
    }

    /** A text. */
    public String text(String name) {
        return values.text(name);
    }

    /** Figures in their order. */
    public Map<String, Double> figures(String name) {
        JsonFields fields = values.object(name);
        Map<String, Double> figures = new LinkedHashMap<>();
        fields.names().forEach(key -> figures.put(key, ExactNumbers.number(fields, key)));
        return figures;
    }

    /** A JSON object. */
    public JsonFields object(String name) {
        return values.object(name);
    }

    /** The names of all values and parts, in their order. */
    public List<String> names() {
        return values.names();
    }

    /** The state of a part. */
    public StateReader within(String name) {
        return new StateReader(directory, step, values.object(name), prefix + name + "-");
    }

    /** Restores a part. */
    public void part(String name, Resumable part) {
        part.restoreFrom(within(name));
    }

    /**
     * Overwrites arrays with those of a file.
     *
     * @param file as it was called in writing
     * @param targets the same names and shapes as were written
     */
    public void tensors(String file, Map<String, NDArray> targets) {
        Path path = directory.resolve(prefix + file + TENSORS);
        try (SafetensorsFile saved = SafetensorsFile.open(path)) {
            Set<String> names = new LinkedHashSet<>(targets.keySet());
            for (TensorInfo info : saved.tensors()) {
                NDArray target = targets.get(info.name());
                if (target == null) {
                    throw bad(path, "holds \"" + info.name() + "\", which this run has not");
                }
                if (!target.getShape().equals(info.shape())) {
                    throw bad(
                            path,
                            "holds \"" + info.name() + "\" of shape "
                                    + Arrays.toString(info.shape().getShape())
                                    + ", but this run's has "
                                    + Arrays.toString(target.getShape().getShape()));
                }
                names.remove(info.name());
            }
            if (!names.isEmpty()) {
                throw bad(path, "lacks \"" + names.iterator().next() + "\"");
            }
            Torch.run(() -> targets.forEach((name, target) -> {
                try (NDArray array = saved.read(name, target.getManager(), NonFinite.REFUSE)) {
                    TorchOps.copyInto(target, array);
                }
            }));
        }
    }

    private static DataFormatException bad(Path place, String reason) {
        return new DataFormatException(place.toString(), 0, reason);
    }
}
