package org.rlhf4j.dpo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * Log-probabilities of whole completions under the model being trained and under its reference, in nats. They are FLOAT64:
 * what counts is the small difference of two large sums.
 *
 * @param policy \( \log \pi(y|x) \), the sum over the tokens of each completion, {@code [N]}
 * @param reference \( \log \pi_{ref}(y|x) \), a constant, {@code [N]}
 * @param tokens number of tokens of each completion, a constant of at least 1, {@code [N]}
 */
public record SequenceLogProbs(NDArray policy, NDArray reference, NDArray tokens) {
    /** Checks the shapes. */
    public SequenceLogProbs {
        Shape shape = policy.getShape();
        if (shape.dimension() != 1 || !shape.equals(reference.getShape()) || !shape.equals(tokens.getShape())) {
            throw new IllegalArgumentException("policy, reference and tokens must be vectors of one length but are "
                    + shape + ", " + reference.getShape() + " and " + tokens.getShape());
        }
        for (NDArray part : List.of(policy, reference, tokens)) {
            if (part.getDataType() != DataType.FLOAT64) {
                throw new IllegalArgumentException(
                        "log-probabilities of sequences are FLOAT64, not " + part.getDataType());
            }
        }
    }

    /** How much likelier the policy makes each completion than the reference does, {@code log π − log π_ref}. */
    public NDArray ratio() {
        return policy.sub(reference);
    }

    /** {@link #ratio()} divided by the number of tokens. */
    public NDArray meanRatio() {
        return ratio().div(tokens);
    }

    /** The policy's mean negative log-probability of a token, {@code −log π / tokens}. */
    public NDArray meanNegativeLogProb() {
        return policy.div(tokens).neg();
    }

    /** The completions at some places, with repetition: {@code [N]} to {@code [K]}. */
    SequenceLogProbs at(int[] places) {
        NDArray index = HostCopy.create(
                policy.getManager(), Arrays.stream(places).asLongStream().toArray());
        return new SequenceLogProbs(
                TorchOps.rows(policy, index), TorchOps.rows(reference, index), TorchOps.rows(tokens, index));
    }
}
