package org.rlhf4j.ppo;

import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.config.Require;

/**
 * The loss of one step, Schulman et al. 2017 (arXiv:1707.06347), equations 7 and 9, with its gradient:
 *
 * <pre>
 *   L  = L_policy + valueCoef L_value - entropyCoef H [+ klCoef KL(pi || pi_ref)]
 *   L_policy = -min(rho A, clip(rho, 1 - clipRange, 1 + clipRange) A)        rho = exp(log pi - log pi_old)
 *   L_value  = 1/2 (V - R)^2, or with a valueClipRange
 *              1/2 max((V - R)^2, (clip(V, V_old - valueClipRange, V_old + valueClipRange) - R)^2)
 * </pre>
 *
 * <p>It is a function of three numbers a step, log pi, H and V, so that its derivatives are written down here instead of
 * being found by an engine, and the whole can be tested without one: {@code d rho / d log pi = rho} where the unclipped
 * product is the smaller one, and 0 elsewhere. They are those that torch finds, at the ends of the ranges too, where it
 * counts the end itself as inside. A log-ratio beyond {@link Ratios#MOST} counts as that, so that no ratio overflows; such
 * steps are {@linkplain Ratios#overflows counted}.
 *
 * @param clipRange epsilon, positive
 * @param valueClipRange how far a value may move from the old one and still count as moved, positive; null does not clip
 * @param valueCoef weight of the value loss, at least 0
 * @param entropyCoef weight of the entropy, at least 0
 * @param klPenalty what moving away from a reference costs; null for nothing
 */
public record PpoLoss(
        double clipRange,
        @Nullable Double valueClipRange,
        double valueCoef,
        double entropyCoef,
        @Nullable KlPenalty klPenalty) {

    /**
     * A term {@code coef * estimate of KL(pi || pi_ref)} for each step.
     *
     * @param estimator how the divergence is estimated from the action that was drawn
     * @param coef its weight, at least 0
     */
    public record KlPenalty(KlEstimator estimator, double coef) {
        /** Checks the range. */
        public KlPenalty {
            Require.notNegative("coef", coef);
        }
    }

    /** A loss without a reference. */
    public PpoLoss(double clipRange, @Nullable Double valueClipRange, double valueCoef, double entropyCoef) {
        this(clipRange, valueClipRange, valueCoef, entropyCoef, null);
    }

    /** Checks the ranges. */
    public PpoLoss {
        Require.positive("clipRange", clipRange);
        if (valueClipRange != null) {
            Require.positive("valueClipRange", valueClipRange);
        }
        Require.notNegative("valueCoef", valueCoef);
        Require.notNegative("entropyCoef", entropyCoef);
    }

    /**
     * What is known of some steps from before, each {@code [n]}.
     *
     * @param logProbs log-probability of each action when it was drawn, in nats
     * @param values the critic's estimate then
     * @param advantages normalised or not
     * @param returns what the value should be
     * @param mask true where a step counts
     * @param referenceLogProbs log-probability of each action under the reference, in nats; empty where there is none
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, compared by nobody
    public record Steps(
            float[] logProbs,
            float[] values,
            float[] advantages,
            float[] returns,
            boolean[] mask,
            float[] referenceLogProbs) {
        /** Checks that all are equally long. */
        public Steps {
            int n = mask.length;
            if (logProbs.length != n || values.length != n || advantages.length != n || returns.length != n) {
                throw new IllegalArgumentException("steps of different numbers: " + logProbs.length + ", "
                        + values.length + ", " + advantages.length + ", " + returns.length + " and " + n);
            }
            if (referenceLogProbs.length != 0 && referenceLogProbs.length != n) {
                throw new IllegalArgumentException(
                        referenceLogProbs.length + " log-probabilities of the reference for " + n + " steps");
            }
        }

        /** Steps without a reference. */
        public Steps(float[] logProbs, float[] values, float[] advantages, float[] returns, boolean[] mask) {
            this(logProbs, values, advantages, returns, mask, new float[0]);
        }
    }

    /**
     * Sums over the steps that count, in nats where log-probabilities are meant, and the derivatives of the loss of each step.
     *
     * @param steps how many count
     * @param policyLoss sum of L_policy
     * @param valueLoss sum of L_value, without its coefficient
     * @param entropy sum of H
     * @param klPenalty sum of the estimates of KL(pi || pi_ref), without its coefficient; 0 without a penalty
     * @param ratios sums of the probability ratios' figures
     * @param clipped how many have no policy gradient for it
     * @param valuesClipped how many values have no gradient for their clipping
     * @param byLogProb derivative of each step's loss by log pi, {@code [n]}; 0 where the mask is false, like the others
     * @param byEntropy likewise by H
     * @param byValue likewise by V
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, compared by nobody
    public record Result(
            int steps,
            double policyLoss,
            double valueLoss,
            double entropy,
            double klPenalty,
            Ratios ratios,
            int clipped,
            int valuesClipped,
            float[] byLogProb,
            float[] byEntropy,
            float[] byValue) {}

    /**
     * The loss of some steps.
     *
     * @param logProbs log-probability of each action now, {@code [n]}
     * @param entropy of each action's distribution now, {@code [n]}
     * @param values the critic's estimates now, {@code [n]}
     * @param old what they were, and what is to be learned
     */
    public Result of(float[] logProbs, float[] entropy, float[] values, Steps old) {
        int n = old.mask.length;
        if (logProbs.length != n || entropy.length != n || values.length != n) {
            throw new IllegalArgumentException("log-probabilities, entropies and values of " + logProbs.length + ", "
                    + entropy.length + " and " + values.length + " steps, but there are " + n);
        }
        if (klPenalty != null && old.referenceLogProbs.length != n) {
            throw new IllegalArgumentException("the loss has a KL penalty, but the reference said nothing");
        }
        Sums sums = new Sums(n);
        for (int i = 0; i < n; i++) {
            if (old.mask[i]) {
                sums.count++;
                policy(i, (double) logProbs[i] - old.logProbs[i], old.advantages[i], sums);
                value(i, values[i], old.values[i], old.returns[i], sums);
                if (klPenalty != null) {
                    penalty(i, (double) logProbs[i] - old.referenceLogProbs[i], klPenalty, sums);
                }
                sums.entropy += entropy[i];
                sums.byEntropy[i] = (float) -entropyCoef;
            }
        }
        return sums.result();
    }

    private void policy(int i, double moved, double advantage, Sums sums) {
        double logRatio = Math.min(Math.max(moved, -Ratios.MOST), Ratios.MOST);
        sums.overflows += Math.abs(moved) > Ratios.MOST ? 1 : 0;
        double ratio = Math.exp(logRatio);
        double bounded = Math.min(Math.max(ratio, 1 - clipRange), 1 + clipRange);
        double unclipped = ratio * advantage;
        double clipped = bounded * advantage;
        sums.policyLoss -= Math.min(unclipped, clipped);
        boolean binds = clipped < unclipped;
        sums.byLogProb[i] = binds ? 0 : (float) -unclipped;
        sums.clipped += binds ? 1 : 0;
        sums.outside += Math.abs(ratio - 1) > clipRange ? 1 : 0;
        sums.kl1 -= logRatio;
        sums.kl2 += 0.5 * logRatio * logRatio;
        // Near 0 the difference of ratio - 1 and logRatio is all rounding.
        sums.kl3 += Math.expm1(logRatio) - logRatio;
        sums.ratio += ratio;
        sums.squaredRatio += ratio * ratio;
        sums.ratioDeviation = Math.max(sums.ratioDeviation, Math.abs(ratio - 1));
    }

    private void value(int i, double value, double oldValue, double target, Sums sums) {
        double error = value - target;
        double gradient = error;
        double square = error * error;
        if (valueClipRange != null) {
            double moved = value - oldValue;
            double clippedError = oldValue + Math.min(Math.max(moved, -valueClipRange), valueClipRange) - target;
            // Where clipping makes the error larger the value is beyond its range, and moving it changes nothing.
            if (clippedError * clippedError > square) {
                square = clippedError * clippedError;
                gradient = Math.abs(moved) > valueClipRange ? 0 : clippedError;
                sums.valuesClipped += gradient == 0 ? 1 : 0;
            }
        }
        sums.valueLoss += 0.5 * square;
        sums.byValue[i] = (float) (valueCoef * gradient);
    }

    private static void penalty(int i, double logRatio, KlPenalty penalty, Sums sums) {
        sums.klPenalty += penalty.estimator.value(logRatio);
        sums.byLogProb[i] += (float) (penalty.coef * penalty.estimator.derivative(logRatio));
    }

    /** The total of a result: {@code L_policy + valueCoef L_value - entropyCoef H + klCoef KL}, summed over its steps. */
    public double total(Result result) {
        double kl = klPenalty == null ? 0 : klPenalty.coef * result.klPenalty;
        return result.policyLoss + valueCoef * result.valueLoss - entropyCoef * result.entropy + kl;
    }

    /**
     * Brings the steps that count to mean 0 and deviation 1: {@code (a - mean) / (std + 1e-8)}, with the deviation of
     * a sample, over n - 1. A single step stays as it is.
     *
     * @param advantages {@code [n]}
     * @param mask {@code [n]}; elsewhere the result is 0
     */
    public static float[] normalized(float[] advantages, boolean[] mask) {
        int count = 0;
        double sum = 0;
        for (int i = 0; i < mask.length; i++) {
            if (mask[i]) {
                count++;
                sum += advantages[i];
            }
        }
        double mean = count < 2 ? 0 : sum / count;
        double squares = 0;
        for (int i = 0; i < mask.length; i++) {
            squares += mask[i] ? (advantages[i] - mean) * (advantages[i] - mean) : 0;
        }
        double scale = count < 2 ? 1 : 1 / (Math.sqrt(squares / (count - 1)) + 1e-8);
        float[] normalized = new float[mask.length];
        for (int i = 0; i < mask.length; i++) {
            normalized[i] = mask[i] ? (float) ((advantages[i] - mean) * scale) : 0;
        }
        return normalized;
    }

    private static final class Sums {
        private final float[] byLogProb;
        private final float[] byEntropy;
        private final float[] byValue;
        private int count;
        private double policyLoss;
        private double valueLoss;
        private double entropy;
        private double kl1;
        private double kl2;
        private double kl3;
        private double klPenalty;
        private double ratio;
        private double squaredRatio;
        private int outside;
        private int overflows;
        private int clipped;
        private int valuesClipped;
        private double ratioDeviation;

        Sums(int n) {
            byLogProb = new float[n];
            byEntropy = new float[n];
            byValue = new float[n];
        }

        Result result() {
            return new Result(
                    count,
                    policyLoss,
                    valueLoss,
                    entropy,
                    klPenalty,
                    new Ratios(kl1, kl2, kl3, ratio, squaredRatio, outside, overflows, ratioDeviation),
                    clipped,
                    valuesClipped,
                    byLogProb,
                    byEntropy,
                    byValue);
        }
    }
}
