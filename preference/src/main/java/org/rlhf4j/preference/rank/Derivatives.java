package org.rlhf4j.preference.rank;

import java.util.Arrays;

/** A log-likelihood summed up term by term, with its gradient and its information, the negated second derivatives. */
final class Derivatives {
    final double[] gradient;
    final double[][] information;
    double value;

    Derivatives(int parameters) {
        gradient = new double[parameters];
        information = new double[parameters][parameters];
    }

    void clear() {
        value = 0;
        Arrays.fill(gradient, 0);
        for (double[] row : information) {
            Arrays.fill(row, 0);
        }
    }

    /** Adds to both halves of the symmetric matrix. */
    void addInformation(int i, int j, double amount) {
        information[i][j] += amount;
        if (i != j) {
            information[j][i] += amount;
        }
    }
}
