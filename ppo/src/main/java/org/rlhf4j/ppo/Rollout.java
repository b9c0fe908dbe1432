package org.rlhf4j.ppo;

/**
 * What acting gave: {@code B} rows of {@code T} steps, each array {@code [B][T]}. A row is a stretch of one environment's
 * time, or a completion.
 *
 * <p>There are no flags for ends, but a discount for each step: gamma where the next step of the row follows on it, 0 where
 * nothing does. Where an episode is cut off from outside, at a time limit or at the end of the stretch, what is still to
 * come is estimated by the critic and belongs to the reward: {@code r + gamma V(next observation)}, with discount 0.
 *
 * @param logProbs log-probability of each action under the distribution it was drawn from, in nats
 * @param values the critic's estimate before each action
 * @param rewards of each action
 * @param discounts what the next step's value counts, in [0, 1]; 0 at the last real step of every stretch
 * @param mask true where a step counts; the rest is padding, whose other entries mean nothing
 */
@SuppressWarnings("ArrayRecordComponent") // large, handed over, compared by nobody
public record Rollout(float[][] logProbs, float[][] values, float[][] rewards, float[][] discounts, boolean[][] mask) {

    /**
     * Checks shapes, and that no step refers to a value that is not there.
     *
     * @throws IllegalArgumentException if a shape differs, a real step has a number that is not finite or a discount out
     *     of range, or a step before padding or the end of its row has a discount other than 0
     */
    public Rollout {
        StepArrays.requireShape("logProbs", logProbs, mask);
        StepArrays.requireShape("values", values, mask);
        StepArrays.requireShape("rewards", rewards, mask);
        StepArrays.requireShape("discounts", discounts, mask);
        StepArrays.requireFinite("logProbs", logProbs, mask);
        StepArrays.requireFinite("values", values, mask);
        StepArrays.requireFinite("rewards", rewards, mask);
        for (int b = 0; b < mask.length; b++) {
            for (int t = 0; t < mask[b].length; t++) {
                if (mask[b][t]) {
                    boolean followed = t + 1 < mask[b].length && mask[b][t + 1];
                    requireDiscount(discounts[b][t], followed, b, t);
                }
            }
        }
    }

    /** How many rows, {@code B}. */
    public int rows() {
        return mask.length;
    }

    /** How many steps in a row, {@code T}, padding included. */
    public int width() {
        return mask.length == 0 ? 0 : mask[0].length;
    }

    private static void requireDiscount(float discount, boolean followed, int row, int step) {
        if (!(discount >= 0 && discount <= 1)) {
            throw new IllegalArgumentException(
                    "the discount is " + discount + " at row " + row + ", step " + step + ": must be from 0 to 1");
        }
        if (!followed && discount != 0) {
            throw new IllegalArgumentException("the discount is " + discount + " at row " + row + ", step " + step
                    + ", but no step follows: add its value to the reward and give 0");
        }
    }
}
