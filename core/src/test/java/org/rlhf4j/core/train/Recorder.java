package org.rlhf4j.core.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Keeps everything that is written. */
final class Recorder implements Consumer<Progress.StepMetrics> {
    final List<Progress.StepMetrics> all = new ArrayList<>();

    @Override
    public void accept(Progress.StepMetrics metrics) {
        all.add(metrics);
    }

    List<Long> steps(String metric) {
        return all.stream()
                .filter(m -> m.values().containsKey(metric))
                .map(Progress.StepMetrics::step)
                .toList();
    }

    List<Double> training(String metric) {
        return all.stream()
                .filter(m -> m.values().containsKey(metric))
                .map(m -> m.values().get(metric))
                .toList();
    }
}
