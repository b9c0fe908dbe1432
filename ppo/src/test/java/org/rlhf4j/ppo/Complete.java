package org.rlhf4j.ppo;

import ai.djl.ndarray.NDArray;
import java.util.Objects;

/** What a pass says that leaves nothing to another one. */
public record Complete(NDArray logProbs, NDArray entropy, NDArray values) {
    /** Fails where something is missing. */
    public static Complete of(ActorCritic.Evaluation now) {
        return new Complete(
                Objects.requireNonNull(now.logProbs()),
                Objects.requireNonNull(now.entropy()),
                Objects.requireNonNull(now.values()));
    }
}
