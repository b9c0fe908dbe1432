package org.rlhf4j.reward;

import java.util.Arrays;
import java.util.Optional;
import org.apache.commons.math3.stat.interval.ConfidenceInterval;
import org.apache.commons.math3.stat.interval.WilsonScoreInterval;
import org.rlhf4j.lm.ModelSidecar;

/**
 * How well scores agree with labelled pairs. Pairs labelled as ties (probability 0.5) count in {@link #pairs} and
 * {@link #loss} and nowhere else, for no order of the scores is wrong for them; a label with a probability below 0.5
 * is read the other way round.
 *
 * @param pairs how many pairs were scored
 * @param ties how many of them are labelled as ties
 * @param accuracy share of untied pairs whose better completion scores strictly higher (equal scores are wrong)
 * @param accuracyLow lower end of the Wilson 95 % interval of the accuracy (Wilson 1927)
 * @param accuracyHigh upper end of the same interval
 * @param margin mean score difference, better minus worse, of untied pairs
 * @param calibrationError expected calibration error of \( \sigma(|d|) \) over {@value #BINS} bins of equal width
 *     between 0.5 and 1, in [0, 1] (Guo et al. 2017, arXiv:1706.04599, equation 5)
 * @param loss mean plain Bradley-Terry loss over all pairs, soft targets included, in nats
 * @param scoreMean mean of all scores, chosen and rejected
 * @param scoreDeviation population standard deviation of all scores
 */
public record RewardEvaluation(
        int pairs,
        int ties,
        double accuracy,
        double accuracyLow,
        double accuracyHigh,
        double margin,
        double calibrationError,
        double loss,
        double scoreMean,
        double scoreDeviation) {
    private static final int BINS = 10;

    /**
     * Compares scores with labels.
     *
     * @param chosen score of each pair's chosen completion
     * @param rejected score of each pair's rejected completion
     * @param probabilities probability that the label is right, one a pair
     * @return the figures; accuracy, interval, margin and calibration error are NaN when every pair is a tie
     * @throws IllegalArgumentException if there is no pair, or the lengths differ
     */
    public static RewardEvaluation of(double[] chosen, double[] rejected, double[] probabilities) {
        int pairs = chosen.length;
        if (pairs == 0 || rejected.length != pairs || probabilities.length != pairs) {
            throw new IllegalArgumentException("need the same number of chosen scores, rejected scores and"
                    + " probabilities, at least one, but got " + pairs + ", " + rejected.length + " and "
                    + probabilities.length);
        }
        Bins bins = new Bins();
        double loss = 0;
        double margin = 0;
        double sum = 0;
        for (int i = 0; i < pairs; i++) {
            double difference = chosen[i] - rejected[i];
            double p = probabilities[i];
            loss += p * softplus(-difference) + (1 - p) * softplus(difference);
            sum += chosen[i] + rejected[i];
            if (p != 0.5) {
                double forBetter = p > 0.5 ? difference : -difference;
                margin += forBetter;
                bins.add(forBetter);
            }
        }
        double mean = sum / (2.0 * pairs);
        double squares = 0;
        for (int i = 0; i < pairs; i++) {
            squares += square(chosen[i] - mean) + square(rejected[i] - mean);
        }
        double deviation = Math.sqrt(squares / (2.0 * pairs));
        int decided = bins.total();
        if (decided == 0) {
            double none = Double.NaN;
            return new RewardEvaluation(pairs, pairs, none, none, none, none, none, loss / pairs, mean, deviation);
        }
        ConfidenceInterval interval = new WilsonScoreInterval().createInterval(decided, bins.right(), 0.95);
        return new RewardEvaluation(
                pairs,
                pairs - decided,
                (double) bins.right() / decided,
                Math.max(0, interval.getLowerBound()),
                Math.min(1, interval.getUpperBound()),
                margin / decided,
                bins.calibrationError(),
                loss / pairs,
                mean,
                deviation);
    }

    /** The scale of the scores, as it is stored with a model; nothing when all scores are equal. */
    public Optional<ModelSidecar.Scores> scale() {
        return scoreDeviation > 0
                ? Optional.of(new ModelSidecar.Scores(scoreMean, scoreDeviation, 2L * pairs))
                : Optional.empty();
    }

    private static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    private static double square(double x) {
        return x * x;
    }

    /** Pairs by the confidence of the model's own choice. */
    private static final class Bins {
        private final int[] count = new int[BINS];
        private final int[] right = new int[BINS];
        private final double[] confidence = new double[BINS];

        void add(double forBetter) {
            double p = 1 / (1 + Math.exp(-Math.abs(forBetter)));
            int bin = Math.min(BINS - 1, (int) ((p - 0.5) * 2 * BINS));
            count[bin]++;
            right[bin] += forBetter > 0 ? 1 : 0;
            confidence[bin] += p;
        }

        int total() {
            return Arrays.stream(count).sum();
        }

        int right() {
            return Arrays.stream(right).sum();
        }

        double calibrationError() {
            double error = 0;
            for (int bin = 0; bin < BINS; bin++) {
                error += Math.abs(right[bin] - confidence[bin]);
            }
            return error / total();
        }
    }
}
