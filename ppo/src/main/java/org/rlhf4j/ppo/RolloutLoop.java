package org.rlhf4j.ppo;

import java.time.Duration;
import java.util.Map;
import org.rlhf4j.core.checkpoint.Resumable;
import org.rlhf4j.core.train.Progress;
import org.rlhf4j.core.train.RunHooks;

/** Acting and learning in turn until all is done: Schulman et al. 2017 (arXiv:1707.06347), algorithm 1. */
public final class RolloutLoop {
    private RolloutLoop() {}

    /**
     * What is done in turn. Its state is whole between iterations; one that was broken off is made again from the beginning
     * by a run that goes on from the checkpoint before it.
     */
    public interface Iterations extends Resumable {
        /** Makes a rollout and learns from it. */
        void next();

        /** What stands now, also at the beginning and when a run goes on. */
        Made made();
    }

    /**
     * What stands after an iteration.
     *
     * @param steps made so far, in the unit of the total
     * @param items made so far, for the rate that is shown
     * @param metrics of the last iteration
     * @param last whether there shall be no other, whatever the total says
     */
    public record Made(long steps, long items, Map<String, Double> metrics, boolean last) {}

    /**
     * Runs, from where a checkpoint was left if there is one. Checkpoints are written between iterations, and when the run
     * stops. An interrupt of the running thread stops like a {@linkplain RunHooks#stop condition to stop}, and is cleared.
     *
     * @param totalSteps when it is done
     * @param hooks who watches; metrics come after each iteration
     * @param iterations what is done
     * @return false when asked to stop before the end
     * @throws org.rlhf4j.base.DataFormatException if the checkpoint is not one of such a run
     */
    public static boolean run(long totalSteps, RunHooks hooks, Iterations iterations) {
        hooks.begin(iterations);
        Made first = iterations.made();
        long begin = System.nanoTime();
        for (Made made = first; !made.last && made.steps < totalSteps; ) {
            if (hooks.stopRequested()) {
                hooks.afterStep(made.steps, true, iterations);
                return false;
            }
            iterations.next();
            made = iterations.made();
            long nanos = System.nanoTime() - begin;
            Progress.StepMetrics logged = new Progress.StepMetrics(made.steps, made.metrics);
            hooks.metrics().accept(logged);
            hooks.progress().logged(logged);
            hooks.progress().step(progress(first, made, nanos, totalSteps));
            hooks.afterStep(made.steps, false, iterations);
        }
        return true;
    }

    /** Rates are of what was made since the run began or went on. */
    private static Progress.Step progress(Made first, Made now, long nanos, long totalSteps) {
        double share = (double) now.steps / totalSteps;
        double each = (double) nanos / (now.steps - first.steps);
        Duration remaining = Duration.ofNanos((long) (each * Math.max(0, totalSteps - now.steps)));
        return new Progress.Step(now.steps, totalSteps, share, (now.items - first.items) * 1e9 / nanos, remaining);
    }
}
