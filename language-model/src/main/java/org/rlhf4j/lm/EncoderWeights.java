package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * The modules of an encoder and its head over their weights.
 *
 * @param config says which there are
 * @param weights of the whole model
 */
record EncoderWeights(EncoderConfig config, Parameters weights) {
    private @Nullable NDArray find(String name) {
        return weights.contains(name) ? weights.get(name) : null;
    }

    /** The rows of a table below the prefix. */
    NDArray table(String module) {
        return weights.get(below(module) + ".weight");
    }

    /** The full name of a module below the prefix. */
    String below(String module) {
        return config.family().design().prefix() + module;
    }

    /** The linear map of a module by its full name. */
    Projection projection(String module) {
        return new Projection.Linear(weights.get(module + ".weight"), find(module + ".bias"));
    }

    /** The norm of a module by its full name. */
    Norm norm(String module) {
        NDArray weight = weights.get(module + ".weight");
        @Nullable NDArray bias = find(module + ".bias");
        return x -> TorchOps.layerNorm(x, weight, bias, config.normEps());
    }

    /** The linear map of a module of a layer. */
    Projection projection(int layer, String module) {
        return projection(EncoderTensors.layer(config, layer, module));
    }

    /** The norm of a module of a layer. */
    Norm norm(int layer, String module) {
        return norm(EncoderTensors.layer(config, layer, module));
    }
}
