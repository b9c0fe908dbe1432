package org.rlhf4j.ppo;

import java.time.Duration;
import java.util.Map;
import org.rlhf4j.core.train.Progress;
import org.rlhf4j.core.train.RunHooks;

/** Acting and learning in turn until all is done: Schulman et al. 2017 (arXiv:1707.06347), algorithm 1. */
public final class RolloutLoop {
    private RolloutLoop() {}

    /** A rollout and what is learned from it. */
    @FunctionalInterface
    public interface Iteration {
        /** Makes the next one. */
        Made next();
    }

    /**
     * What stands after an iteration.
     *
     * @param steps made so far, in the unit of the total
     * @param items made so far, for the rate that is shown
     * @param metrics of this iteration
     * @param last whether there shall be no other, whatever the total says
     */
    public record Made(long steps, long items, Map<String, Double> metrics, boolean last) {}

    /**
     * Runs. An interrupt of the running thread stops like a {@linkplain RunHooks#stop condition to stop}, and is cleared.
     *
     * @param totalSteps when it is done
     * @param hooks who watches; metrics come after each iteration
     * @param iteration makes one
     * @return false when asked to stop before the end
     */
    public static boolean run(long totalSteps, RunHooks hooks, Iteration iteration) {
        long begin = System.nanoTime();
        boolean last = false;
        for (long steps = 0; !last && steps < totalSteps; ) {
            if (hooks.stop().getAsBoolean() || Thread.interrupted()) {
                return false;
            }
            Made made = iteration.next();
            steps = made.steps;
            last = made.last;
            long nanos = System.nanoTime() - begin;
            Progress.StepMetrics logged = new Progress.StepMetrics(steps, made.metrics);
            hooks.metrics().accept(logged);
            hooks.progress().logged(logged);
            Duration remaining = Duration.ofNanos((long) ((double) nanos / steps * Math.max(0, totalSteps - steps)));
            double share = (double) steps / totalSteps;
            hooks.progress().step(new Progress.Step(steps, totalSteps, share, made.items * 1e9 / nanos, remaining));
        }
        return true;
    }
}
