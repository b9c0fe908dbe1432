package org.rlhf4j.reward;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.lm.text.EncodedExample;

/** Rows of one caller, with their scores once the tensor thread has been through them. */
final class ScoreRequest {
    final List<EncodedExample> examples;
    private double @Nullable [] scores;

    @Nullable
    RuntimeException failure;

    ScoreRequest(List<EncodedExample> examples) {
        this.examples = examples;
    }

    /** Takes its own part of all scores; returns where the next one's begins. */
    int complete(double[] all, int from) {
        double[] own = new double[examples.size()];
        System.arraycopy(all, from, own, 0, own.length);
        scores = own;
        return from + own.length;
    }

    double[] result() {
        if (failure != null) {
            throw failure;
        }
        double[] done = scores;
        if (done == null) {
            throw new IllegalStateException("the tensor thread passed over a request");
        }
        return done;
    }
}
