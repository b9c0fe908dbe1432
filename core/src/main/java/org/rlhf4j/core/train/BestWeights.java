package org.rlhf4j.core.train;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.checkpoint.Resumable;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.checkpoint.StateWriter;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;

/** A copy of the trainable weights at the best evaluation so far. */
final class BestWeights implements Resumable, AutoCloseable {
    private static final String STEP = "step";
    private static final String WEIGHTS = "weights";

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
        } else {
            copy = duplicate();
        }
    }

    private Parameters duplicate() {
        Parameters fresh = new Parameters();
        parameters
                .trainableNames()
                .forEach(name -> fresh.put(name, parameters.get(name).duplicate()));
        return fresh;
    }

    @Override
    public void saveTo(StateWriter out) {
        if (copy != null && step != null) {
            out.put(STEP, step).put("value", value).put("metrics", metrics).tensors(WEIGHTS, arrays(copy));
        }
    }

    @Override
    public void restoreFrom(StateReader in) {
        if (in.has(STEP)) {
            Parameters best = copy == null ? Torch.call(this::duplicate) : copy;
            copy = best;
            in.tensors(WEIGHTS, arrays(best));
            step = in.integer(STEP);
            value = in.number("value");
            metrics = in.figures("metrics");
        }
    }

    private static Map<String, NDArray> arrays(Parameters weights) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        weights.names().forEach(name -> arrays.put(name, weights.get(name)));
        return arrays;
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
