package org.rlhf4j.preference.statistics;

/**
 * Cohen's kappa: how far two coders agree beyond chance. Cohen (1960), and with weights Cohen (1968):
 * {@code kappa = 1 - sum w_ij o_ij / sum w_ij e_ij} with the shares observed and those expected from both coders' own.
 */
public final class CohensKappa {
    /** How much a disagreement counts. */
    public enum Weights {
        /** Every one alike. */
        NONE,
        /** As many as there are steps between the values. */
        LINEAR,
        /** The square of that. */
        QUADRATIC
    }

    private CohensKappa() {}

    /**
     * Computes kappa.
     *
     * @param table how often the first coder gave the value of the row when the second gave that of the column
     * @param weights how much a disagreement counts
     * @return kappa; NaN when both gave one and the same value always, or there is nothing
     */
    public static double of(long[][] table, Weights weights) {
        int size = table.length;
        double[] rows = new double[size];
        double[] columns = new double[size];
        double n = 0;
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                rows[i] += table[i][j];
                columns[j] += table[i][j];
                n += table[i][j];
            }
        }
        double observed = 0;
        double expected = 0;
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                int steps = Math.abs(i - j);
                double weight =
                        switch (weights) {
                            case NONE -> steps == 0 ? 0 : 1;
                            case LINEAR -> steps;
                            case QUADRATIC -> (double) steps * steps;
                        };
                observed += weight * table[i][j];
                expected += weight * rows[i] * columns[j] / n;
            }
        }
        return expected > 0 ? 1 - observed / expected : Double.NaN;
    }
}
