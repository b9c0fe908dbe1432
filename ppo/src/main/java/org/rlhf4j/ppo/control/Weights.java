package org.rlhf4j.ppo.control;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.rlhf4j.base.NearestName;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Torch;

/** A snapshot of weights as Java arrays in row-major order, by name; for acting without the engine. */
final class Weights {
    private final Map<String, float[]> values;

    Weights(Map<String, float[]> values) {
        this.values = values;
    }

    /** The weights as they are now. */
    static Weights of(Parameters parameters) {
        return Torch.call(() -> {
            Map<String, float[]> values = new LinkedHashMap<>();
            parameters.names().forEach(name -> values.put(name, HostCopy.toFloats(parameters.get(name))));
            return new Weights(values);
        });
    }

    Set<String> names() {
        return values.keySet();
    }

    float[] get(String name) {
        float[] array = values.get(name);
        if (array == null) {
            throw new IllegalArgumentException(NearestName.unknown("weight", name, values.keySet()));
        }
        return array;
    }
}
