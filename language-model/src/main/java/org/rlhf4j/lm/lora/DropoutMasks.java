package org.rlhf4j.lm.lora;

import ai.djl.ndarray.NDArray;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.core.tensor.LowRank;
import org.rlhf4j.core.tensor.Parameters;

/**
 * Which inputs of adapters are set to 0: a function of the seed, of how many passes of training there were, and of the module.
 * So a part of a pass that is computed a second time, for its gradients, drops the same.
 */
final class DropoutMasks {
    private final double share;
    private final long seed;
    private final Parameters weights;
    private boolean training;

    DropoutMasks(double share, long seed, Parameters weights) {
        this.share = share;
        this.seed = seed;
        this.weights = weights;
    }

    /** Begins a forward pass. */
    void begin(boolean inTraining) {
        training = inTraining;
        if (inTraining) {
            weights.countPass();
        }
    }

    boolean drops() {
        return training && share > 0;
    }

    NDArray dropped(NDArray x, String module) {
        long mask = SeededStream.of(seed, "lora dropout")
                .child(weights.passes())
                .child(module)
                .nextLong();
        return LowRank.dropout(x, share, mask);
    }
}
