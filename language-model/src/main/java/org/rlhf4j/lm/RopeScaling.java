package org.rlhf4j.lm;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How rotary frequencies are stretched for contexts beyond those of pre-training. */
public sealed interface RopeScaling {
    /** The types that are known, under their names in {@code config.json}. */
    List<String> KNOWN = List.of("default", "linear", "dynamic", "llama3", "yarn", "longrope");

    /** The name in {@code config.json}. */
    String type();

    /**
     * The frequencies.
     *
     * @param theta base
     * @param dim numbers of a head that are turned, d
     * @param length tokens of the sequence
     * @return radians a position, {@code [d / 2]}
     */
    double[] frequencies(double theta, int dim, int length);

    /** What cosines and sines are multiplied by, so that attention stays as sharp as it was. */
    default double attentionFactor() {
        return 1;
    }

    /**
     * A length whose frequencies are those of this one: sequences with the same number are turned alike. By default all are.
     *
     * @param length tokens of the sequence
     */
    default int regime(int length) {
        return 1;
    }

    /** Adds the parameters under their names in {@code config.json}. */
    void write(ObjectNode to);

    /** {@code theta^(-2i/d)}. */
    private static double[] plain(double theta, int dim) {
        double[] frequencies = new double[dim / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = Math.pow(theta, -2.0 * i / dim);
        }
        return frequencies;
    }

    private static void requireFactor(double factor) {
        if (!(factor >= 1) || Double.isInfinite(factor)) {
            throw new IllegalArgumentException("the rope scaling factor is " + factor + ", must be at least 1");
        }
    }

    private static void requireContext(int originalContext) {
        if (originalContext <= 0) {
            throw new IllegalArgumentException(
                    "original_max_position_embeddings is " + originalContext + ", must be positive");
        }
    }

    /** No scaling. */
    record Plain() implements RopeScaling {
        @Override
        public String type() {
            return "default";
        }

        @Override
        public double[] frequencies(double theta, int dim, int length) {
            return plain(theta, dim);
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
    record Linear(double factor) implements RopeScaling {
        /** Checks the factor. */
        public Linear {
            requireFactor(factor);
        }

        @Override
        public String type() {
            return "linear";
        }

        @Override
        public double[] frequencies(double theta, int dim, int length) {
            double[] frequencies = plain(theta, dim);
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] /= factor;
            }
            return frequencies;
        }

        @Override
        public void write(ObjectNode to) {
            to.put("factor", factor);
        }
    }

    /**
     * Dynamic NTK scaling: for a sequence of L tokens beyond the context C the base becomes
     * {@code theta (factor L / C - (factor - 1))^(d / (d - 2))}.
     *
     * @param factor at least 1
     * @param context C, {@code max_position_embeddings}
     */
    record Dynamic(double factor, int context) implements RopeScaling {
        /** Checks the factor. */
        public Dynamic {
            requireFactor(factor);
        }

        @Override
        public String type() {
            return "dynamic";
        }

        @Override
        public double[] frequencies(double theta, int dim, int length) {
            double stretched = factor * Math.max(length, context) / context - (factor - 1);
            return plain(theta * Math.pow(stretched, dim / (dim - 2.0)), dim);
        }

        @Override
        public int regime(int length) {
            return Math.max(length, context);
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
    record Llama3(double factor, double lowFactor, double highFactor, int originalContext) implements RopeScaling {
        /** Checks the parameters. */
        public Llama3 {
            requireFactor(factor);
            if (!(lowFactor > 0) || !(highFactor > lowFactor) || Double.isInfinite(highFactor)) {
                throw new IllegalArgumentException("low_freq_factor " + lowFactor + " and high_freq_factor "
                        + highFactor + " must satisfy 0 < low < high");
            }
            requireContext(originalContext);
        }

        @Override
        public String type() {
            return "llama3";
        }

        @Override
        public double[] frequencies(double theta, int dim, int length) {
            double[] frequencies = plain(theta, dim);
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] = scale(frequencies[i]);
            }
            return frequencies;
        }

        private double scale(double frequency) {
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
     * YaRN (arXiv:2309.00071): pairs that turn often within the context of pre-training keep their frequency, those that turn
     * rarely are interpolated, with a ramp between them; attention is sharpened.
     *
     * @param factor at least 1
     * @param originalContext {@code original_max_position_embeddings}
     * @param betaFast turns within the context from which on a frequency stays
     * @param betaSlow turns up to which it is interpolated
     * @param truncate whether the ends of the ramp are whole pairs
     * @param attentionFactor of cosines and sines
     */
    record Yarn(
            double factor,
            int originalContext,
            double betaFast,
            double betaSlow,
            boolean truncate,
            double attentionFactor)
            implements RopeScaling {
        /** Checks the parameters. */
        public Yarn {
            requireFactor(factor);
            requireContext(originalContext);
            if (!(betaSlow > 0) || !(betaFast >= betaSlow) || !(attentionFactor > 0)) {
                throw new IllegalArgumentException("beta_fast " + betaFast + ", beta_slow " + betaSlow
                        + " and attention_factor " + attentionFactor + " must be positive, and fast at least slow");
            }
        }

        /**
         * The attention factor where none is given: {@code 0.1 m ln(factor) + 1}, or the quotient of two of them.
         *
         * @param mscale m, or null
         * @param mscaleAllDim m of the divisor, or null
         */
        static double attentionFactor(double factor, @Nullable Double mscale, @Nullable Double mscaleAllDim) {
            if (mscale != null && mscaleAllDim != null && mscale != 0 && mscaleAllDim != 0) {
                return sharpening(factor, mscale) / sharpening(factor, mscaleAllDim);
            }
            return sharpening(factor, 1);
        }

        private static double sharpening(double factor, double mscale) {
            return factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
        }

        @Override
        public String type() {
            return "yarn";
        }

        @Override
        public double[] frequencies(double theta, int dim, int length) {
            double low = pair(betaFast, theta, dim);
            double high = pair(betaSlow, theta, dim);
            low = Math.max(truncate ? Math.floor(low) : low, 0);
            high = Math.min(truncate ? Math.ceil(high) : high, dim - 1);
            // A ramp of no width would divide by 0.
            double width = low == high ? 0.001 : high - low;
            double[] frequencies = plain(theta, dim);
            for (int i = 0; i < frequencies.length; i++) {
                double interpolated = Math.min(1, Math.max(0, (i - low) / width));
                frequencies[i] = frequencies[i] / factor * interpolated + frequencies[i] * (1 - interpolated);
            }
            return frequencies;
        }

        /** The pair, as a fraction, that turns this often within the context of pre-training. */
        private double pair(double turns, double theta, int dim) {
            return dim * Math.log(originalContext / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
        }

        @Override
        public void write(ObjectNode to) {
            to.put("factor", factor);
            to.put("original_max_position_embeddings", originalContext);
            to.put("beta_fast", betaFast);
            to.put("beta_slow", betaSlow);
            to.put("truncate", truncate);
            to.put("attention_factor", attentionFactor);
        }
    }

    /**
     * LongRoPE (arXiv:2402.13753): a divisor for each pair, one set for sequences within the context of pre-training and one
     * for longer ones.
     *
     * @param shortFactors divisors of sequences within the context
     * @param longFactors divisors of longer ones
     * @param originalContext {@code original_max_position_embeddings}
     * @param attentionFactor of cosines and sines
     */
    record LongRope(List<Double> shortFactors, List<Double> longFactors, int originalContext, double attentionFactor)
            implements RopeScaling {
        /** Checks the parameters. */
        public LongRope {
            shortFactors = List.copyOf(shortFactors);
            longFactors = List.copyOf(longFactors);
            requireContext(originalContext);
            if (shortFactors.size() != longFactors.size()) {
                throw new IllegalArgumentException("short_factor has " + shortFactors.size()
                        + " numbers and long_factor has " + longFactors.size());
            }
            for (List<Double> factors : List.of(shortFactors, longFactors)) {
                if (factors.stream().anyMatch(factor -> !(factor > 0) || Double.isInfinite(factor))) {
                    throw new IllegalArgumentException("short_factor and long_factor must be positive numbers");
                }
            }
            if (!(attentionFactor > 0)) {
                throw new IllegalArgumentException("attention_factor is " + attentionFactor + ", must be positive");
            }
        }

        /** The attention factor where none is given: {@code sqrt(1 + ln(stretch) / ln(originalContext))}. */
        static double attentionFactor(double stretch, int originalContext) {
            return stretch <= 1 ? 1 : Math.sqrt(1 + Math.log(stretch) / Math.log(originalContext));
        }

        @Override
        public String type() {
            return "longrope";
        }

        @Override
        public double[] frequencies(double theta, int dim, int length) {
            List<Double> factors = length > originalContext ? longFactors : shortFactors;
            double[] frequencies = plain(theta, dim);
            if (factors.size() != frequencies.length) {
                throw new IllegalArgumentException("short_factor and long_factor have " + factors.size()
                        + " numbers for the " + frequencies.length + " pairs of a head");
            }
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] /= factors.get(i);
            }
            return frequencies;
        }

        @Override
        public int regime(int length) {
            return length > originalContext ? originalContext + 1 : originalContext;
        }

        @Override
        public void write(ObjectNode to) {
            putAll(to.putArray("short_factor"), shortFactors);
            putAll(to.putArray("long_factor"), longFactors);
            to.put("original_max_position_embeddings", originalContext);
            to.put("attention_factor", attentionFactor);
        }

        private static void putAll(ArrayNode to, List<Double> values) {
            values.forEach(value -> to.add(value.doubleValue()));
        }
    }
}
