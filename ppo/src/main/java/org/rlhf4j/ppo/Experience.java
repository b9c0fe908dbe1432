package org.rlhf4j.ppo;

import java.util.stream.IntStream;

/**
 * What a {@link PpoLearner} learns from: {@code N} rows of {@code T} steps, each array {@code [N][T]}. Rows are shuffled,
 * steps within a row stay together.
 *
 * @param logProbs log-probability of each action under the distribution it was drawn from, in nats
 * @param values the critic's estimate when it was drawn
 * @param advantages how much better than that estimate the action turned out
 * @param returns what the critic should have said: advantage plus value
 * @param mask true where a step counts
 * @param referenceLogProbs log-probability of each action under a reference that the policy is held to, in nats; empty
 *     where there is none
 */
@SuppressWarnings("ArrayRecordComponent") // large, handed over, compared by nobody
public record Experience(
        float[][] logProbs,
        float[][] values,
        float[][] advantages,
        float[][] returns,
        boolean[][] mask,
        float[][] referenceLogProbs) {

    /**
     * Checks shapes and numbers.
     *
     * @throws IllegalArgumentException if a shape differs, or a real step has a number that is not finite
     */
    public Experience {
        StepArrays.requireShape("logProbs", logProbs, mask);
        StepArrays.requireShape("values", values, mask);
        StepArrays.requireShape("advantages", advantages, mask);
        StepArrays.requireShape("returns", returns, mask);
        StepArrays.requireFinite("logProbs", logProbs, mask);
        StepArrays.requireFinite("values", values, mask);
        StepArrays.requireFinite("advantages", advantages, mask);
        StepArrays.requireFinite("returns", returns, mask);
        if (referenceLogProbs.length > 0) {
            StepArrays.requireShape("referenceLogProbs", referenceLogProbs, mask);
            StepArrays.requireFinite("referenceLogProbs", referenceLogProbs, mask);
        }
    }

    /** What was learned without a reference. */
    public Experience(float[][] logProbs, float[][] values, float[][] advantages, float[][] returns, boolean[][] mask) {
        this(logProbs, values, advantages, returns, mask, new float[0][]);
    }

    /** The same with what a reference says of the actions, {@code [N][T]}. */
    public Experience withReference(float[][] logProbsOfReference) {
        return new Experience(logProbs, values, advantages, returns, mask, logProbsOfReference);
    }

    /** How many rows, {@code N}. */
    public int rows() {
        return mask.length;
    }

    /** How many steps in a row, {@code T}, padding included. */
    public int width() {
        return mask.length == 0 ? 0 : mask[0].length;
    }

    /** Numbers of the rows with a step that counts, in ascending order. */
    int[] rowsThatCount() {
        return IntStream.range(0, rows())
                .filter(row -> IntStream.range(0, width()).anyMatch(t -> mask[row][t]))
                .toArray();
    }

    /** Every step as a row of its own, {@code [N T][1]}: step t of row b becomes row {@code b T + t}. */
    public Experience flattened() {
        return new Experience(
                flat(logProbs), flat(values), flat(advantages), flat(returns), flat(mask), flat(referenceLogProbs));
    }

    private static float[][] flat(float[][] array) {
        int width = array.length == 0 ? 0 : array[0].length;
        float[][] flat = new float[array.length * width][];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = new float[] {array[i / width][i % width]};
        }
        return flat;
    }

    private static boolean[][] flat(boolean[][] array) {
        int width = array.length == 0 ? 0 : array[0].length;
        boolean[][] flat = new boolean[array.length * width][];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = new boolean[] {array[i / width][i % width]};
        }
        return flat;
    }
}
