package org.rlhf4j.core.optim;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Looks for spikes: gradient norms above ten times the median of the last hundred, the bound that Megatron-LM's rerun state
 * machine holds against its largest one. Nothing is a spike before there are ten.
 */
final class GradientNormWatch {
    static final double FACTOR = 10;
    static final int WINDOW = 100;
    private static final int LEAST = 10;

    private final Deque<Double> norms = new ArrayDeque<>();

    /**
     * Takes in the norm of the next step.
     *
     * @param norm finite
     * @return the median that it is a spike against; null where it is none
     */
    @Nullable
    Double spikeAgainst(double norm) {
        double median = median();
        boolean spike = norms.size() >= LEAST && median > 0 && norm > FACTOR * median;
        // A spike counts in the median too: where norms stay high they are soon no spikes any more.
        if (norms.size() == WINDOW) {
            norms.removeFirst();
        }
        norms.addLast(norm);
        return spike ? Double.valueOf(median) : null;
    }

    /** The lower one of two in the middle. */
    private double median() {
        double[] sorted =
                norms.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted.length == 0 ? 0 : sorted[(sorted.length - 1) / 2];
    }

    /** The norms that the median is of by their number, the oldest first. */
    Map<String, Double> state() {
        Map<String, Double> state = new LinkedHashMap<>();
        norms.forEach(norm -> state.put(String.valueOf(state.size()), norm));
        return state;
    }

    /** Goes on from {@link #state}. */
    void restore(Map<String, Double> saved) {
        norms.clear();
        norms.addAll(saved.values());
    }
}
