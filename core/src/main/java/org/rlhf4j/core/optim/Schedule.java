package org.rlhf4j.core.optim;

/**
 * Learning rate as a factor of its peak, a function of the number of updates already made; the formulas of transformers'
 * {@code get_*_schedule_with_warmup}.
 *
 * <p>Every schedule first rises linearly from 0: {@code factor(s) = s / max(1, warmupSteps)} for {@code s < warmupSteps},
 * so with warm-up the very first update has rate 0, as it has there.
 */
public sealed interface Schedule permits Schedule.Constant, Schedule.Linear, Schedule.Cosine {
    /** The factor for the update that follows {@code step} updates; in {@code [0, 1]}. */
    double factor(long step);

    /** Stays at the peak after the warm-up. */
    record Constant(long warmupSteps) implements Schedule {
        /** Checks the step count. */
        public Constant {
            requireNotNegative(warmupSteps, "warmupSteps");
        }

        @Override
        public double factor(long step) {
            return step < warmupSteps ? warmup(step, warmupSteps) : 1;
        }
    }

    /** Falls to 0 at {@code totalSteps} on a straight line. */
    record Linear(long warmupSteps, long totalSteps) implements Schedule {
        /** Checks the step counts. */
        public Linear {
            requireNotNegative(warmupSteps, "warmupSteps");
            requireNotNegative(totalSteps, "totalSteps");
        }

        @Override
        public double factor(long step) {
            if (step < warmupSteps) {
                return warmup(step, warmupSteps);
            }
            return Math.max(0, (double) (totalSteps - step) / Math.max(1, totalSteps - warmupSteps));
        }
    }

    /** Falls to 0 at {@code totalSteps} on half a cosine wave. */
    record Cosine(long warmupSteps, long totalSteps) implements Schedule {
        /** Checks the step counts. */
        public Cosine {
            requireNotNegative(warmupSteps, "warmupSteps");
            requireNotNegative(totalSteps, "totalSteps");
        }

        @Override
        public double factor(long step) {
            if (step < warmupSteps) {
                return warmup(step, warmupSteps);
            }
            double progress = (double) (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
            // Past the end a cosine would rise again; the rate stays at 0.
            return progress >= 1 ? 0 : 0.5 * (1 + Math.cos(Math.PI * progress));
        }
    }

    private static double warmup(long step, long warmupSteps) {
        return (double) step / Math.max(1, warmupSteps);
    }

    private static void requireNotNegative(long steps, String name) {
        if (steps < 0) {
            throw new IllegalArgumentException(name + " is " + steps + ": give 0 or more");
        }
    }
}
