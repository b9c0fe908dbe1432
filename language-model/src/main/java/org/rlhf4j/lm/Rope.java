package org.rlhf4j.lm;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Rotary position embedding: pair i of a head's d numbers turns by {@code position * theta^(-2i/d)} radians.
 *
 * <p>Su et al., "RoFormer" (arXiv:2104.09864), equation 15, in the half-split layout of Hugging Face's Llama: pair i is
 * the numbers i and i + d/2 of a head, not two neighbours.
 *
 * @param theta the base of the frequencies, above 0
 * @param scaling how the frequencies are stretched for contexts beyond those of pre-training
 */
public record Rope(double theta, Scaling scaling) {
    /** The types that are known, under their names in {@code config.json}. */
    static final List<String> KNOWN = List.of("default", "linear", "llama3");

    /** Checks theta. */
    public Rope {
        if (!(theta > 0) || Double.isInfinite(theta)) {
            throw new IllegalArgumentException("rope_theta is " + theta + ", must be positive");
        }
    }

    /** How the frequencies are stretched. */
    public sealed interface Scaling {
        /** The name in {@code config.json}. */
        String type();

        /** The frequency, in radians a position, that takes the place of an unscaled one. */
        double scale(double frequency);

        /** Adds the parameters under their names in {@code config.json}. */
        void write(ObjectNode to);
    }

    /** No scaling. */
    public record Plain() implements Scaling {
        @Override
        public String type() {
            return "default";
        }

        @Override
        public double scale(double frequency) {
            return frequency;
        }

        @Override
        public void write(ObjectNode to) {
            // The type says it all.
        }
    }

    /**
     * Position interpolation (arXiv:2306.15595): every frequency divided by the factor.
     *
     * @param factor at least 1
     */
    public record Linear(double factor) implements Scaling {
        /** Checks the factor. */
        public Linear {
            requireFactor(factor);
        }

        @Override
        public String type() {
            return "linear";
        }

        @Override
        public double scale(double frequency) {
            return frequency / factor;
        }

        @Override
        public void write(ObjectNode to) {
            to.put("factor", factor);
        }
    }

    /**
     * Llama 3.1's scaling by bands: wavelengths above {@code originalContext / lowFactor} are divided by the factor, those
     * below {@code originalContext / highFactor} stay, and between the two the frequencies are blended.
     *
     * @param factor at least 1
     * @param lowFactor {@code low_freq_factor}, above 0
     * @param highFactor {@code high_freq_factor}, above the low one
     * @param originalContext {@code original_max_position_embeddings}: the context of pre-training, in tokens
     */
    public record Llama3(double factor, double lowFactor, double highFactor, int originalContext) implements Scaling {
        /** Checks the parameters. */
        public Llama3 {
            requireFactor(factor);
            if (!(lowFactor > 0) || !(highFactor > lowFactor) || Double.isInfinite(highFactor)) {
                throw new IllegalArgumentException("low_freq_factor " + lowFactor + " and high_freq_factor "
                        + highFactor + " must satisfy 0 < low < high");
            }
            if (originalContext <= 0) {
                throw new IllegalArgumentException(
                        "original_max_position_embeddings is " + originalContext + ", must be positive");
            }
        }

        @Override
        public String type() {
            return "llama3";
        }

        @Override
        public double scale(double frequency) {
            double wavelength = 2 * Math.PI / frequency;
            if (wavelength > originalContext / lowFactor) {
                return frequency / factor;
            }
            if (wavelength < originalContext / highFactor) {
                return frequency;
            }
            double kept = (originalContext / wavelength - lowFactor) / (highFactor - lowFactor);
            return (1 - kept) * frequency / factor + kept * frequency;
        }

        @Override
        public void write(ObjectNode to) {
            to.put("factor", factor);
            to.put("low_freq_factor", lowFactor);
            to.put("high_freq_factor", highFactor);
            to.put("original_max_position_embeddings", originalContext);
        }
    }

    /**
     * The frequencies of a head.
     *
     * @param headDim numbers a head, even
     * @return radians a position, {@code [headDim / 2]}
     */
    public double[] frequencies(int headDim) {
        double[] frequencies = new double[headDim / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = scaling.scale(Math.pow(theta, -2.0 * i / headDim));
        }
        return frequencies;
    }

    /** The value of {@code rope_parameters}, the key of transformers 5. */
    ObjectNode toParameters() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("rope_theta", theta);
        node.put("rope_type", scaling.type());
        scaling.write(node);
        return node;
    }

    private static void requireFactor(double factor) {
        if (!(factor >= 1) || Double.isInfinite(factor)) {
            throw new IllegalArgumentException("the rope scaling factor is " + factor + ", must be at least 1");
        }
    }
}
