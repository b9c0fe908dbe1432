package org.rlhf4j.core.train;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;

/** A copy of the trainable weights at the best evaluation so far. */
final class BestWeights implements AutoCloseable {
    private final Parameters parameters;
    private final String metric;
    private final TrainingTask.Better better;
    private @Nullable Parameters copy;
    private @Nullable Long step;
    private double value = Double.NaN;
    private Map<String, Double> metrics = Map.of();

    /**
     * @param metric the figure that decides, with its {@code eval_} prefix
     * @param better which way it improves
     */
    BestWeights(Parameters parameters, String metric, TrainingTask.Better better) {
        this.parameters = parameters;
        this.metric = metric;
        this.better = better;
    }

    /** Keeps the current weights if they are better than all before; the first of equals stays. */
    boolean offer(long atStep, Map<String, Double> evaluation) {
        Double now = evaluation.get(metric);
        if (now == null) {
            throw new IllegalStateException("the evaluation gave no " + metric + " but " + evaluation.keySet());
        }
        boolean improves = step == null ? !now.isNaN() : better.improves(now, value);
        if (improves) {
            value = now;
            step = atStep;
            metrics = evaluation;
            Torch.run(this::keep);
        }
        return improves;
    }

    private void keep() {
        if (copy != null) {
            copyWeights(parameters, copy);
            return;
        }
        Parameters fresh = new Parameters();
        copy = fresh;
        parameters
                .trainableNames()
                .forEach(name -> fresh.put(name, parameters.get(name).duplicate()));
    }

    /** Puts the best weights back. */
    void restore() {
        Parameters from = copy;
        if (from != null) {
            Torch.run(() -> copyWeights(from, parameters));
        }
    }

    private void copyWeights(Parameters from, Parameters to) {
        parameters.trainableNames().forEach(name -> TorchOps.copyInto(to.get(name), from.get(name)));
    }

    /** The step of the best evaluation; null before there is one. */
    @Nullable
    Long step() {
        return step;
    }

    /** The figures of the best evaluation. */
    Map<String, Double> metrics() {
        return metrics;
    }

    @Override
    public void close() {
        if (copy != null) {
            Torch.run(copy::close);
        }
    }
}
