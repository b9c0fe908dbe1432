package org.rlhf4j.preference.rank;

import java.util.Map;

/**
 * Rao and Kupper (1967), in terms of the logistic function s, {@code d = beta_i - beta_j} and {@code eta = ln theta}:
 * {@code P(i over j) = s(d - eta), P(tie) = s(d - eta) s(-d - eta) (exp(2 eta) - 1)}. Without ties eta is 0, and the model
 * Bradley and Terry's. The parameter of ties is eta.
 */
final class RaoKupperLikelihood implements Likelihood {
    private static final double FIRST_ETA = 0.5;

    private final int items;
    private final boolean tied;

    RaoKupperLikelihood(int items, boolean tied) {
        this.items = items;
        this.tied = tied;
    }

    @Override
    public int parameters() {
        return tied ? items + 1 : items;
    }

    @Override
    public double[] start() {
        double[] start = new double[parameters()];
        if (tied) {
            start[items] = FIRST_ETA;
        }
        return start;
    }

    @Override
    public boolean isValid(double[] parameters) {
        return !tied || parameters[items] > 0;
    }

    @Override
    public Map<Integer, Double> ties(double[] parameters) {
        return tied ? Map.of(2, Math.exp(parameters[items])) : Map.of();
    }

    @Override
    public void add(double[] parameters, Choice choice, double weight, Derivatives sum) {
        int i = choice.alternatives().get(0);
        int j = choice.alternatives().get(1);
        addWin(parameters, i, j, weight, sum);
        if (choice.chosen() == 2) {
            addWin(parameters, j, i, weight, sum);
            double eta = parameters[items];
            double rest = -Math.expm1(-2 * eta);
            sum.value += weight * (2 * eta + Math.log(rest));
            sum.gradient[items] += weight * 2 / rest;
            sum.addInformation(items, items, weight * 4 * Math.exp(-2 * eta) / (rest * rest));
        }
    }

    private void addWin(double[] parameters, int i, int j, double weight, Derivatives sum) {
        double difference = parameters[i] - parameters[j] - (tied ? parameters[items] : 0);
        double missed = Logistic.of(-difference);
        double variance = weight * missed * (1 - missed);
        sum.value += weight * Logistic.log(difference);
        sum.gradient[i] += weight * missed;
        sum.gradient[j] -= weight * missed;
        sum.addInformation(i, i, variance);
        sum.addInformation(j, j, variance);
        sum.addInformation(i, j, -variance);
        if (tied) {
            sum.gradient[items] -= weight * missed;
            sum.addInformation(items, items, variance);
            sum.addInformation(items, i, -variance);
            sum.addInformation(items, j, variance);
        }
    }
}
