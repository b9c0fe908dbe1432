package org.rlhf4j.preference.rank;

import java.util.Map;

/**
 * How likely choices are, given parameters: the log strengths of all items, then those that govern ties. Concave, so that
 * Newton's method finds the one maximum.
 */
interface Likelihood {
    /** How many parameters there are. */
    int parameters();

    /** Parameters to start from. */
    double[] start();

    /** Whether parameters have a likelihood at all. */
    boolean isValid(double[] parameters);

    /** Adds the weighted log-likelihood of one choice, with derivatives. */
    void add(double[] parameters, Choice choice, double weight, Derivatives sum);

    /** The parameters of ties as papers write them, by how many items are tied. */
    Map<Integer, Double> ties(double[] parameters);
}
