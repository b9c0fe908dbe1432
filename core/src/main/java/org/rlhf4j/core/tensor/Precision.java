package org.rlhf4j.core.tensor;

import java.util.List;
import org.rlhf4j.base.NearestName;

/**
 * The element types that the weights of a model are kept in and that its layers compute in.
 *
 * <p>Whatever the layers compute in, statistics of norms, softmax, log-probabilities and losses are of float32. Gradients and
 * the moments of an optimizer have the type of the weight, which is float32 for every weight that is trained.
 */
public enum Precision {
    /** Weights and layers in float32. */
    FLOAT32,
    /** Weights and layers in bfloat16: half the memory, for weights that are not trained. */
    BFLOAT16,
    /** Weights in float32, which an optimizer changes, and layers in bfloat16, by copies made anew in each pass. */
    MIXED;

    /** The precision that trains a model which otherwise has this one. */
    public Precision forTraining() {
        return this == BFLOAT16 ? MIXED : this;
    }

    /** Whether weights are kept in bfloat16. */
    public boolean keepsBfloat16() {
        return this == BFLOAT16;
    }

    /** Whether layers compute in bfloat16. */
    public boolean computesBfloat16() {
        return this != FLOAT32;
    }

    /**
     * The precision of transformers' name, {@code float32} or {@code bfloat16}.
     *
     * @throws IllegalArgumentException if it is another
     */
    public static Precision named(String dtype) {
        return switch (dtype) {
            case "float32" -> FLOAT32;
            case "bfloat16" -> BFLOAT16;
            default ->
                throw new IllegalArgumentException(NearestName.unknown("dtype", dtype, List.of("float32", "bfloat16")));
        };
    }
}
