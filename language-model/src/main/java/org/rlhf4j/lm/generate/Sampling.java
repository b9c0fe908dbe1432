package org.rlhf4j.lm.generate;

/**
 * How the next token is drawn from the logits, in the order and with the meaning of transformers: repetition penalty,
 * temperature, top-k, top-p, min-p, each over what the ones before left.
 *
 * @param temperature divides the logits; 0 takes the most likely token (after the penalty) and ignores the filters
 * @param topK only the k most likely tokens, and those that tie with the k-th; 0 is off
 * @param topP only the most likely tokens that together reach this probability, in (0, 1]; 1 is off
 * @param minP only tokens at least this share as likely as the most likely one, in [0, 1]; 0 is off
 * @param repetitionPenalty weakens tokens that stand in the prompt or were generated; 1 is off
 */
public record Sampling(double temperature, int topK, double topP, double minP, double repetitionPenalty) {
    /** Below this the divided logits leave the range of float32. */
    private static final double MIN_TEMPERATURE = 1e-6;

    /** The most likely token each time. */
    public static final Sampling GREEDY = atTemperature(0);

    /** Checks the ranges. */
    public Sampling {
        boolean fine = temperature == 0 || (temperature >= MIN_TEMPERATURE && Double.isFinite(temperature));
        require(fine, "temperature", temperature, "0 or at least " + MIN_TEMPERATURE);
        require(topK >= 0, "top-k", topK, "0 (off) or more");
        require(topP > 0 && topP <= 1, "top-p", topP, "above 0 and at most 1 (off)");
        require(minP >= 0 && minP <= 1, "min-p", minP, "0 (off) to 1");
        require(
                repetitionPenalty > 0 && Double.isFinite(repetitionPenalty),
                "repetition penalty",
                repetitionPenalty,
                "above 0");
    }

    private static void require(boolean fine, String name, Number value, String wanted) {
        if (!fine) {
            throw new IllegalArgumentException(name + " is " + value + ", must be " + wanted);
        }
    }

    /** Plain sampling, without filters or penalty: what reinforcement learning needs. */
    public static Sampling atTemperature(double temperature) {
        return new Sampling(temperature, 0, 1, 0, 1);
    }

    /** Whether the most likely token is taken. */
    public boolean isGreedy() {
        return temperature == 0;
    }

    /** Whether tokens are weakened because they were there before. */
    public boolean penalises() {
        return repetitionPenalty != 1;
    }
}
