package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;

/**
 * A backbone with a scalar head: one score a sequence.
 *
 * <p>Used on the tensor thread, inside a scope.
 *
 * @param backbone gives the hidden states
 * @param head reads them
 */
public record SequenceScorer(Backbone backbone, SequenceHead head) {
    /**
     * The scores of a batch.
     *
     * @param batch the rows, padded on either side
     * @return {@code [B]}, with gradients for whichever weights are trainable
     */
    public NDArray scores(PaddedBatch batch) {
        return head.scores(backbone.hidden(batch), batch);
    }
}
