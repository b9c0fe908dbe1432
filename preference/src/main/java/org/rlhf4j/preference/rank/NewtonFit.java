package org.rlhf4j.preference.rank;

import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.NonPositiveDefiniteMatrixException;
import org.apache.commons.math3.linear.RealMatrix;
import org.rlhf4j.base.DataFormatException;

/**
 * Newton's method with halved steps on a concave log-likelihood. A likelihood is the same for strengths that all grow by
 * one factor; what holds their mean at 0 is a multiple of {@code 1 1^T} added to the information of the log strengths,
 * which the gradient has no part in.
 *
 * @param items how many strengths there are
 * @param likelihood the model
 * @param choices what is explained
 * @param prior how many wins and losses each item has against one of log strength 0, besides
 */
record NewtonFit(int items, Likelihood likelihood, List<Choice> choices, double prior) {
    /** No parameter moves further than this at the end. */
    private static final double TOLERANCE = 1e-10;

    private static final int MAX_ITERATIONS = 100;
    private static final int MAX_HALVINGS = 40;

    /**
     * The maximum.
     *
     * @param parameters where it is, the log strengths with the mean 0
     * @param information the negated second derivatives there, with the gauge
     * @param logLikelihood the logarithm of the likelihood, without the prior's share
     * @param iterations how many steps it took
     */
    @SuppressWarnings("ArrayRecordComponent") // numbers on their way from one method to the next
    record Maximum(double[] parameters, double[][] information, double logLikelihood, int iterations) {}

    /**
     * Climbs.
     *
     * @param weights how often each choice was made
     * @param start where to begin
     * @return the maximum
     * @throws DataFormatException without a place, if it is not reached in 100 steps
     */
    Maximum maximize(double[] weights, double[] start) {
        double[] at = start.clone();
        Derivatives here = new Derivatives(at.length);
        Derivatives there = new Derivatives(at.length);
        evaluate(at, weights, here);
        for (int iteration = 1; iteration <= MAX_ITERATIONS; iteration++) {
            double[] step = step(here);
            double largest = 0;
            for (double change : step) {
                largest = Math.max(largest, Math.abs(change));
            }
            double factor = 1;
            int halvings = 0;
            double[] next = moved(at, step, factor);
            while (!isBetter(next, weights, here.value, there) && halvings < MAX_HALVINGS) {
                factor /= 2;
                halvings++;
                next = moved(at, step, factor);
            }
            if (largest <= TOLERANCE || halvings == MAX_HALVINGS) {
                if (largest > Math.sqrt(TOLERANCE)) {
                    throw notReached();
                }
                return finished(at, weights, here, iteration);
            }
            at = next;
            Derivatives swap = here;
            here = there;
            there = swap;
        }
        throw notReached();
    }

    private DataFormatException notReached() {
        return new DataFormatException("the likelihood has no maximum that Newton's method reaches in " + MAX_ITERATIONS
                + " steps: too few comparisons tell the items apart; "
                + (prior > 0 ? "compare more" : "a prior (--prior 0.5) gives it one"));
    }

    private boolean isBetter(double[] parameters, double[] weights, double value, Derivatives there) {
        if (!likelihood.isValid(parameters)) {
            return false;
        }
        evaluate(parameters, weights, there);
        // At the maximum rounding decides; there a step is as good as no step.
        return there.value >= value - 1e-12 * Math.abs(value);
    }

    private void evaluate(double[] parameters, double[] weights, Derivatives sum) {
        sum.clear();
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0) {
                likelihood.add(parameters, choices.get(i), weights[i], sum);
            }
        }
        if (prior > 0) {
            addPrior(parameters, sum);
            return;
        }
        double gauge = gauge(sum);
        for (int i = 0; i < items; i++) {
            for (int j = 0; j < items; j++) {
                sum.information[i][j] += gauge / items;
            }
        }
    }

    /** As large as the rest of the matrix, so that it is as well conditioned as before. */
    private double gauge(Derivatives sum) {
        double trace = 0;
        for (int i = 0; i < items; i++) {
            trace += sum.information[i][i];
        }
        return trace / items;
    }

    private void addPrior(double[] parameters, Derivatives sum) {
        for (int i = 0; i < items; i++) {
            double p = Logistic.of(parameters[i]);
            sum.value += prior * (Logistic.log(parameters[i]) + Logistic.log(-parameters[i]));
            sum.gradient[i] += prior * (1 - 2 * p);
            sum.information[i][i] += 2 * prior * p * (1 - p);
        }
    }

    private double[] step(Derivatives here) {
        try {
            return new CholeskyDecomposition(new Array2DRowRealMatrix(here.information, false), 1e-9, 0)
                    .getSolver()
                    .solve(new ArrayRealVector(here.gradient, false))
                    .toArray();
        } catch (NonPositiveDefiniteMatrixException e) {
            throw notReached();
        }
    }

    private static double[] moved(double[] from, double[] step, double factor) {
        double[] to = from.clone();
        for (int i = 0; i < to.length; i++) {
            to[i] += factor * step[i];
        }
        return to;
    }

    private Maximum finished(double[] at, double[] weights, Derivatives here, int iterations) {
        Derivatives plain = new Derivatives(at.length);
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0) {
                likelihood.add(at, choices.get(i), weights[i], plain);
            }
        }
        return new Maximum(centred(at), here.information, plain.value, iterations);
    }

    private double[] centred(double[] parameters) {
        double mean = 0;
        for (int i = 0; i < items; i++) {
            mean += parameters[i] / items;
        }
        double[] centred = parameters.clone();
        for (int i = 0; i < items; i++) {
            centred[i] -= mean;
        }
        return centred;
    }

    /** The covariances of the centred log strengths: the inverse of the information with {@code I - 1 1^T / n} on both sides. */
    double[][] covariance(Maximum maximum) {
        RealMatrix inverse;
        try {
            inverse = new CholeskyDecomposition(new Array2DRowRealMatrix(maximum.information, false), 1e-9, 0)
                    .getSolver()
                    .getInverse();
        } catch (NonPositiveDefiniteMatrixException e) {
            throw notReached();
        }
        double[][] covariance = inverse.getSubMatrix(0, items - 1, 0, items - 1).getData();
        double[] rows = new double[items];
        double mean = 0;
        for (int i = 0; i < items; i++) {
            for (int j = 0; j < items; j++) {
                rows[i] += covariance[i][j] / items;
            }
            mean += rows[i] / items;
        }
        for (int i = 0; i < items; i++) {
            for (int j = 0; j < items; j++) {
                covariance[i][j] += mean - rows[i] - rows[j];
            }
        }
        return covariance;
    }
}
