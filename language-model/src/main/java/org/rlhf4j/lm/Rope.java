package org.rlhf4j.lm;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Rotary position embedding: pair i of a head's first d numbers turns by {@code position * theta^(-2i/d)} radians.
 *
 * <p>Su et al., "RoFormer" (arXiv:2104.09864), equation 15, in the half-split layout of Hugging Face's Llama: pair i is
 * the numbers i and i + d/2 of a head, not two neighbours.
 *
 * @param theta the base of the frequencies, above 0
 * @param scaling how the frequencies are stretched for contexts beyond those of pre-training
 * @param share the part of a head that is turned, above 0 and at most 1
 */
public record Rope(double theta, RopeScaling scaling, double share) {
    /** Checks theta and share. */
    public Rope {
        if (!(theta > 0) || Double.isInfinite(theta)) {
            throw new IllegalArgumentException("rope_theta is " + theta + ", must be positive");
        }
        if (!(share > 0) || share > 1) {
            throw new IllegalArgumentException(
                    "the share of a head that is turned is " + share + ", must be in (0, 1]");
        }
    }

    /** Whole heads are turned. */
    public Rope(double theta, RopeScaling scaling) {
        this(theta, scaling, 1);
    }

    /**
     * How many numbers of a head are turned, d.
     *
     * @param headDim numbers a head
     * @throws IllegalArgumentException if they are no pairs
     */
    int turned(int headDim) {
        int turned = (int) (headDim * share);
        if (turned < 2 || turned % 2 != 0) {
            throw new IllegalArgumentException(
                    turned + " of the " + headDim + " numbers of a head are turned; rotary embedding needs pairs");
        }
        return turned;
    }

    /**
     * The frequencies of a head.
     *
     * @param headDim numbers a head
     * @param length tokens of the sequence, which some scalings depend on
     * @return radians a position, {@code [d / 2]}
     */
    public double[] frequencies(int headDim, int length) {
        return scaling.frequencies(theta, turned(headDim), length);
    }

    /** The value of {@code rope_parameters}, the key of transformers 5. */
    ObjectNode toParameters() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("rope_theta", theta);
        node.put("rope_type", scaling.type());
        if (share != 1) {
            node.put("partial_rotary_factor", share);
        }
        scaling.write(node);
        return node;
    }
}
