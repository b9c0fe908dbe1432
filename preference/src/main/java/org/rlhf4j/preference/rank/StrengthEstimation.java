package org.rlhf4j.preference.rank;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.SeededStream;

/**
 * Finds the strengths under which comparisons are most likely, by Newton's method, with 95 % intervals.
 *
 * <p>Intervals are those of the observed information, {@code beta -+ 1.96 se}, which take comparisons as independent and
 * many; or with a bootstrap the percentiles 2.5 and 97.5 over clusters drawn with replacement (Efron 1979), which takes
 * only clusters as independent.
 *
 * @param method how strengths make comparisons come out
 * @param prior how many wins and as many losses each item is given against one of log strength 0, the pseudo-rankings of
 *     Turner, van Etten, Firth and Kosmidis (2020), "Modelling rankings in R: the PlackettLuce package"; 0 for plain
 *     maximum likelihood
 * @param resamples how many times to resample; 0 for the intervals of the information
 * @param seed of the resampling; each resample has a stream of its own, so threads make no difference
 */
public record StrengthEstimation(RankMethod method, double prior, int resamples, long seed) {
    private static final int THREADS = 2;
    private static final double MOST_FAILED = 0.05;
    private static final double Z = 1.959963984540054;

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if the prior or the number of resamples is negative or the prior not finite
     */
    public StrengthEstimation {
        if (!(prior >= 0) || Double.isInfinite(prior) || resamples < 0) {
            throw new IllegalArgumentException("prior " + prior + ", resamples " + resamples);
        }
    }

    /**
     * Estimates.
     *
     * @param table the comparisons
     * @return the strengths
     * @throws DataFormatException without a place, if there are none because some items have only won, only lost or were
     *     never compared with the rest, or Newton's method does not get to the maximum in 100 steps
     */
    public Strengths of(ComparisonTable table) {
        Choice.Set choices = Choice.of(method, table.outcomes());
        double[] weights = choices.weights(table.weights());
        Connection.requireTies(choices.choices(), weights);
        if (prior == 0) {
            Connection.require(table.items(), choices.choices(), weights);
        }
        return of(table, choices, fit(table.items().size(), choices, weights));
    }

    /**
     * Estimates strengths where it does not matter how rare ties are: if nothing bounds that and there is a prior, which
     * completions tied is explained and that so many did is not. Two that have only tied are equal.
     *
     * @throws DataFormatException as {@link #of}
     */
    Strengths ofCompletions(ComparisonTable table) {
        Choice.Set choices = Choice.of(method, table.outcomes());
        if (prior == 0 || Connection.boundsTies(choices.choices(), choices.weights(table.weights()))) {
            return of(table);
        }
        int items = table.items().size();
        return of(table, choices, new NewtonFit(items, new LuceLikelihood(items), choices.choices(), prior));
    }

    private Strengths of(ComparisonTable table, Choice.Set choices, NewtonFit fit) {
        int items = table.items().size();
        double[] weights = choices.weights(table.weights());
        NewtonFit.Maximum maximum = fit.maximize(weights, fit.likelihood().start());
        double[][] covariance = fit.covariance(maximum);
        double[][] samples = resamples == 0 ? new double[0][] : bootstrap(table, choices, maximum);
        List<Strengths.Strength> strengths = new ArrayList<>();
        int[] appearances = table.appearances();
        for (int i = 0; i < items; i++) {
            double beta = maximum.parameters()[i];
            double error = Math.sqrt(covariance[i][i]);
            double[] interval =
                    resamples == 0 ? new double[] {beta - Z * error, beta + Z * error} : percentiles(samples, i);
            strengths.add(new Strengths.Strength(
                    table.items().get(i), beta, error, interval[0], interval[1], appearances[i]));
        }
        return new Strengths(
                method,
                strengths,
                fit.likelihood().ties(maximum.parameters()),
                maximum.logLikelihood(),
                maximum.iterations(),
                samples.length,
                resamples - samples.length);
    }

    private NewtonFit fit(int items, Choice.Set choices, double[] weights) {
        List<Integer> tieSizes = Choice.tieSizes(choices.choices(), weights);
        Likelihood likelihood = method == RankMethod.RAO_KUPPER
                ? new RaoKupperLikelihood(items, !tieSizes.isEmpty())
                : new LuceLikelihood(items, tieSizes, choices.choices(), weights);
        return new NewtonFit(items, likelihood, choices.choices(), prior);
    }

    private static double[] percentiles(double[][] samples, int item) {
        double[] values = new double[samples.length];
        for (int s = 0; s < values.length; s++) {
            values[s] = samples[s][item];
        }
        Percentile percentile = new Percentile().withEstimationType(Percentile.EstimationType.R_7);
        percentile.setData(values);
        return new double[] {percentile.evaluate(2.5), percentile.evaluate(97.5)};
    }

    /** The log strengths of each resample that has any. */
    private double[][] bootstrap(ComparisonTable table, Choice.Set choices, NewtonFit.Maximum whole) {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<double @Nullable []>> running = new ArrayList<>();
            for (int i = 0; i < resamples; i++) {
                SeededStream random = SeededStream.of(seed, "bootstrap").child(i);
                running.add(threads.submit(() -> resample(table, choices, whole, random)));
            }
            List<double[]> samples = new ArrayList<>();
            for (Future<double @Nullable []> future : running) {
                double[] sample = future.get();
                if (sample != null) {
                    samples.add(sample);
                }
            }
            if (resamples - samples.size() > MOST_FAILED * resamples) {
                throw new DataFormatException((resamples - samples.size()) + " of " + resamples
                        + " resamples leave items that only won, only lost or were not compared, so the bootstrap tells"
                        + " nothing; compare more, or give a prior (--prior 0.5)");
            }
            return samples.toArray(double[][]::new);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while resampling", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a resample failed", e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    /** Null where the resample ties its items together no longer. */
    private double @Nullable [] resample(
            ComparisonTable table, Choice.Set choices, NewtonFit.Maximum whole, SeededStream random) {
        int items = table.items().size();
        double[] weights = choices.weights(table.resampled(random));
        if (prior == 0 && !Connection.isWhole(items, choices.choices(), weights)) {
            return null;
        }
        NewtonFit fit = fit(items, choices, weights);
        double[] start = fit.likelihood().start();
        System.arraycopy(whole.parameters(), 0, start, 0, items);
        try {
            return fit.maximize(weights, start).parameters();
        } catch (DataFormatException e) {
            return null;
        }
    }
}
