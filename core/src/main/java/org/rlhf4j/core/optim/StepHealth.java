package org.rlhf4j.core.optim;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.checkpoint.Resumable;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.checkpoint.StateWriter;

/**
 * How healthy the steps of a run are: leaps of the gradient norm are told and counted; steps whose numbers are not finite are
 * left out as long as there are not too many in a row.
 */
public final class StepHealth implements Resumable {
    private final int maxBadSteps;
    private final Listener listener;
    private final GradientNormWatch watch = new GradientNormWatch();
    private long spikes;
    private boolean spiking;
    private long skipped;
    private long badInARow;

    /** Hears of what is not as it should be. */
    @FunctionalInterface
    public interface Listener {
        /** Hears nothing. */
        Listener NONE = (step, text) -> {};

        /**
         * Something is wrong, and the run goes on.
         *
         * @param step the step, counted from 1
         * @param text a sentence for a person
         */
        void warned(long step, String text);

        /** A step is not made; {@link #warned} follows where it is left out. */
        default void bad(BadStep step) {}
    }

    /**
     * That of a run that begins.
     *
     * @param maxBadSteps steps in a row that may be left out; 0 for none
     * @param listener hears of spikes, and of steps that are left out
     */
    public StepHealth(int maxBadSteps, Listener listener) {
        this.maxBadSteps = maxBadSteps;
        this.listener = listener;
    }

    /**
     * Takes in a step that was made. Of spikes one after the other the first is told; all are counted.
     *
     * @param step its number, counted from 1
     * @param gradNorm before clipping
     */
    public void made(long step, double gradNorm) {
        badInARow = 0;
        @Nullable Double median = watch.spikeAgainst(gradNorm);
        if (median != null) {
            spikes++;
            if (!spiking) {
                listener.warned(
                        step,
                        String.format(
                                Locale.ROOT,
                                "the gradient norm is %.4g, %.0f times the median of recent steps, %.4g",
                                gradNorm,
                                gradNorm / median,
                                median));
            }
        }
        spiking = median != null;
    }

    /**
     * Takes in a step that was not made, for its numbers are not finite.
     *
     * @throws NonFiniteException the problem, where no more steps may be left out
     */
    public void bad(BadStep step) {
        NonFiniteException problem = step.problem();
        listener.bad(step);
        if (badInARow == maxBadSteps) {
            throw maxBadSteps == 0 ? problem : problem.after(badInARow);
        }
        badInARow++;
        skipped++;
        listener.warned(
                problem.step(),
                String.format(
                        Locale.ROOT,
                        "%s; the step is left out, %d in a row of at most %d",
                        problem.what(),
                        badInARow,
                        maxBadSteps));
    }

    /** Steps left out so far. */
    public long skipped() {
        return skipped;
    }

    @Override
    public void saveTo(StateWriter out) {
        out.put("grad_norms", watch.state())
                .put("grad_norm_spikes", spikes)
                .put("spiking", spiking)
                .put("skipped_steps", skipped)
                .put("bad_in_a_row", badInARow);
    }

    @Override
    public void restoreFrom(StateReader in) {
        watch.restore(in.figures("grad_norms"));
        spikes = in.integer("grad_norm_spikes");
        spiking = in.bool("spiking");
        skipped = in.integer("skipped_steps");
        badInARow = in.integer("bad_in_a_row");
    }

    /** Adds {@code grad_norm_spikes} and {@code skipped_steps} of the run so far; what is 0 is left out. */
    public void addTo(Map<String, Double> metrics) {
        if (spikes > 0) {
            metrics.put("grad_norm_spikes", (double) spikes);
        }
        if (skipped > 0) {
            metrics.put("skipped_steps", (double) skipped);
        }
    }
}
