package org.rlhf4j.lm;

import java.util.OptionalDouble;

/**
 * How attention weighs: {@code softmax(cap tanh(scale q kᵀ / cap) + mask)}.
 *
 * @param scale of the products
 * @param dividedByLayer whether layer i, from 1 on, divides it by i
 * @param softCap cap, empty for none
 */
record AttentionScores(double scale, boolean dividedByLayer, OptionalDouble softCap) {
    /** The scale of a layer, from 0 on. */
    double scale(int layer) {
        return dividedByLayer ? scale / (layer + 1) : scale;
    }
}
