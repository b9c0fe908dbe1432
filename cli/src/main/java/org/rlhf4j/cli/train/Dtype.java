package org.rlhf4j.cli.train;

import org.rlhf4j.core.tensor.Precision;

/** What a model computes in, by transformers' names. */
public enum Dtype {
    /** Weights and layers of float32. */
    FLOAT32(Precision.FLOAT32),
    /** Layers of bfloat16; so are weights that are not trained, at half the memory. */
    BFLOAT16(Precision.BFLOAT16);

    private final Precision precision;

    Dtype(Precision precision) {
        this.precision = precision;
    }

    /** For a model that is used as it is. */
    public Precision frozen() {
        return precision;
    }

    /** For a model whose weights are trained, which are of float32. */
    public Precision trained() {
        return precision.forTraining();
    }
}
