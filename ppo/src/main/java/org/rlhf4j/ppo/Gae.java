package org.rlhf4j.ppo;

import org.rlhf4j.core.config.Require;

/**
 * Generalised advantage estimation: Schulman et al. 2016 (arXiv:1506.02438), equation 16, with a discount {@code g[t]} for
 * each step:
 *
 * <pre>
 * delta[t] = r[t] + g[t] V[t+1] - V[t]
 * A[t]     = delta[t] + g[t] lambda A[t+1]
 * R[t]     = A[t] + V[t]
 * </pre>
 *
 * <p>{@code g[t] = 0} ends the sum, so one rule serves ends of episodes, time limits and ends of completions; see
 * {@link Rollout}. Lambda 1 gives the return minus the value, lambda 0 the one-step error.
 */
public final class Gae {
    private Gae() {}

    /**
     * Advantages and returns; 0 where the mask is false.
     *
     * @param lambda in [0, 1]
     */
    public static Experience estimate(Rollout rollout, double lambda) {
        Require.inRange("gaeLambda", lambda, 0, 1);
        float[][] advantages = new float[rollout.rows()][rollout.width()];
        float[][] returns = new float[rollout.rows()][rollout.width()];
        for (int b = 0; b < rollout.rows(); b++) {
            float[] values = rollout.values()[b];
            float[] rewards = rollout.rewards()[b];
            float[] discounts = rollout.discounts()[b];
            double advantage = 0;
            for (int t = rollout.width() - 1; t >= 0; t--) {
                if (rollout.mask()[b][t]) {
                    double discount = discounts[t];
                    // Where the discount is 0 the next step may be padding or not exist.
                    double next = discount == 0 ? 0 : discount * (values[t + 1] + lambda * advantage);
                    advantage = rewards[t] + next - values[t];
                    advantages[b][t] = (float) advantage;
                    returns[b][t] = (float) (advantage + values[t]);
                }
            }
        }
        return new Experience(rollout.logProbs(), rollout.values(), advantages, returns, rollout.mask());
    }
}
