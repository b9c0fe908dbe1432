package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.TorchOps;

/** A norm over the last axis. */
interface Norm {
    /**
     * Norms.
     *
     * @param x {@code [.., W]}
     * @return as x
     */
    NDArray apply(NDArray x);

    /** The norm of a module, of the kind that the family has. */
    static Norm of(ModelConfig config, Parameters weights, String module) {
        NDArray weight = weights.get(module + ".weight");
        double eps = config.normEps();
        return switch (config.design().norm()) {
            case RMS -> x -> TorchOps.rmsNorm(x, weight, eps);
            case RMS_PLUS_ONE -> x -> TorchOps.rmsNormPlusOne(x, weight, eps);
            case LAYER -> {
                NDArray bias = weights.get(module + ".bias");
                yield x -> TorchOps.layerNorm(x, weight, bias, eps);
            }
        };
    }
}
