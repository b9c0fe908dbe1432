package org.rlhf4j.ppo.text;

import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.checkpoint.Resumable;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.checkpoint.StateWriter;

/**
 * The weight of the KL penalty: fixed, or steered to a target as in Ziegler et al. 2019 (arXiv:1909.08593), section 2.2:
 *
 * <pre>
 *   e = clip(KL / target - 1, -0.2, 0.2)
 *   coef = coef (1 + e n / horizon)
 * </pre>
 *
 * <p>with n the completions of the rollout whose mean KL, in nats a sequence, was seen.
 */
final class KlController implements Resumable {
    private static final double LARGEST_ERROR = 0.2;

    private final @Nullable Double target;
    private final long horizon;
    private double coef;

    KlController(KlConfig config) {
        this.target = config.target();
        this.horizon = config.horizon();
        this.coef = config.coef();
    }

    @Override
    public void saveTo(StateWriter out) {
        out.put("coef", coef);
    }

    @Override
    public void restoreFrom(StateReader in) {
        coef = in.number("coef");
    }

    /** The weight now. */
    double coef() {
        return coef;
    }

    /**
     * Learns how far the policy has moved.
     *
     * @param kl mean of a rollout, in nats a sequence
     * @param completions of that rollout
     */
    void observe(double kl, int completions) {
        if (target != null) {
            double error = Math.min(Math.max(kl / target - 1, -LARGEST_ERROR), LARGEST_ERROR);
            coef *= 1 + error * completions / horizon;
        }
    }
}
