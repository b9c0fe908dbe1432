package org.rlhf4j.ppo.control;

import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.rlhf4j.base.NearestName;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Torch;

/** A snapshot of weights as Java arrays, by name; for acting without the engine. */
final class Weights {
    private final Map<String, Tensor> tensors;

    /** Values in row-major order. */
    @SuppressWarnings("ArrayRecordComponent") // a snapshot, compared by nobody
    record Tensor(Shape shape, float[] values) {}

    Weights(Map<String, Tensor> tensors) {
        this.tensors = tensors;
    }

    /** The weights as they are now. */
    static Weights of(Parameters parameters) {
        return Torch.call(() -> {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            parameters.names().forEach(name -> {
                var array = parameters.get(name);
                tensors.put(name, new Tensor(array.getShape(), HostCopy.toFloats(array)));
            });
            return new Weights(tensors);
        });
    }

    Set<String> names() {
        return tensors.keySet();
    }

    Tensor tensor(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException(NearestName.unknown("weight", name, tensors.keySet()));
        }
        return tensor;
    }

    /**
     * The values of a tensor.
     *
     * @throws IllegalArgumentException if there is none of that name, or it has another shape
     */
    float[] get(String name, long... shape) {
        Tensor tensor = tensor(name);
        if (!tensor.shape.equals(new Shape(shape))) {
            throw new IllegalArgumentException(
                    "weight " + name + " has the shape " + tensor.shape + ", expected " + new Shape(shape));
        }
        return tensor.values;
    }
}
