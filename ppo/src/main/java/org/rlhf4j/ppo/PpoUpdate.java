package org.rlhf4j.ppo;

import java.util.Arrays;
import java.util.List;
import org.rlhf4j.core.optim.GradientStep;

/**
 * What a {@link PpoLearner} saw while it learned from a rollout: means over all steps of all mini-batches, each at the
 * weights before its own update.
 *
 * @param minibatches updates of the weights
 * @param stoppedEarly whether the rest was left because the policy had moved too far
 * @param learningRate of this rollout
 * @param clipRange of this rollout
 * @param policyLoss mean of the clipped surrogate, negated
 * @param valueLoss mean of half the squared error, without its coefficient
 * @param entropy mean, in nats
 * @param klPenalty mean estimate of KL(pi || reference), without its coefficient; 0 without a penalty in the loss
 * @param ratios means of the probability ratios' figures
 * @param clippedFraction share of steps whose policy gradient the clipping took away; TRL's {@code clipfrac}
 * @param valueClippedFraction share of values whose gradient the clipping took away; TRL's {@code val/clipfrac}
 * @param explainedVariance {@code 1 - Var(R - V) / Var(R)} of the values that the rollout was made with: 1 is best, below 0
 *     is worse than a constant; NaN where all returns are equal
 * @param gradNorm mean norm of the gradient before clipping
 * @param networkNorms the same for each network
 * @param firstRatioDeviation the largest {@code |rho - 1|} of the first mini-batch, before any update: not 0 up to rounding
 *     means that acting and learning do not compute the same policy
 */
public record PpoUpdate(
        int minibatches,
        boolean stoppedEarly,
        double learningRate,
        double clipRange,
        double policyLoss,
        double valueLoss,
        double entropy,
        double klPenalty,
        Ratios ratios,
        double clippedFraction,
        double valueClippedFraction,
        double explainedVariance,
        double gradNorm,
        List<Double> networkNorms,
        double firstRatioDeviation) {

    /** Adds up what an update sees. */
    static final class Collector {
        private final double learningRate;
        private final double clipRange;
        private final double explainedVariance;
        private long steps;
        private int minibatches;
        private boolean stopped;
        private double policyLoss;
        private double valueLoss;
        private double entropy;
        private double klPenalty;
        private Ratios ratios = Ratios.NONE;
        private long clipped;
        private long valuesClipped;
        private double gradNorm;
        private double[] networkNorms = {};
        private double firstRatioDeviation;

        Collector(double learningRate, PpoLoss loss, Experience experience) {
            this.learningRate = learningRate;
            this.clipRange = loss.clipRange();
            this.explainedVariance = explainedVariance(experience);
        }

        void add(PpoLoss.Result result) {
            steps += result.steps();
            policyLoss += result.policyLoss();
            valueLoss += result.valueLoss();
            entropy += result.entropy();
            klPenalty += result.klPenalty();
            ratios = ratios.plus(result.ratios());
            valuesClipped += result.valuesClipped();
            clipped += result.clipped();
            if (minibatches == 0 && !stopped) {
                firstRatioDeviation =
                        Math.max(firstRatioDeviation, result.ratios().deviation());
            }
        }

        void stepped(GradientStep.Report report) {
            minibatches++;
            gradNorm += report.gradNorm();
            networkNorms = Arrays.copyOf(networkNorms, report.partNorms().size());
            for (int i = 0; i < networkNorms.length; i++) {
                networkNorms[i] += report.partNorms().get(i);
            }
        }

        void stopped() {
            stopped = true;
        }

        PpoUpdate result() {
            return new PpoUpdate(
                    minibatches,
                    stopped,
                    learningRate,
                    clipRange,
                    policyLoss / steps,
                    valueLoss / steps,
                    entropy / steps,
                    klPenalty / steps,
                    ratios.over(steps),
                    (double) clipped / steps,
                    (double) valuesClipped / steps,
                    explainedVariance,
                    minibatches == 0 ? Double.NaN : gradNorm / minibatches,
                    Arrays.stream(networkNorms)
                            .map(norm -> norm / minibatches)
                            .boxed()
                            .toList(),
                    firstRatioDeviation);
        }
    }

    /** {@code 1 - Var(R - V) / Var(R)} over the steps that count; NaN where all returns are equal. */
    static double explainedVariance(Experience experience) {
        double[] returns = new double[3];
        double[] errors = new double[3];
        for (int row = 0; row < experience.rows(); row++) {
            for (int t = 0; t < experience.width(); t++) {
                if (experience.mask()[row][t]) {
                    double value = experience.returns()[row][t];
                    add(returns, value);
                    add(errors, value - experience.values()[row][t]);
                }
            }
        }
        return returns[2] == 0 ? Double.NaN : 1 - errors[2] / returns[2];
    }

    /** Welford's update of count, mean and sum of squared deviations. */
    private static void add(double[] moments, double value) {
        moments[0]++;
        double before = value - moments[1];
        moments[1] += before / moments[0];
        moments[2] += before * (value - moments[1]);
    }
}
