package org.rlhf4j.core.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.Torch;

/** y = w x + b with known w, and squared errors: the smallest task that has everything a real one has. */
final class LinearRegression implements TrainingTask, AutoCloseable {
    static final float[] TRUE_WEIGHTS = {1, -2, 0.5f};

    final Parameters parameters;
    final List<int[]> seen = new ArrayList<>();
    private final float[][] inputs;
    private final float[] targets;
    private float healthy;
    private int badGradient = -1;
    /** What {@link #evaluate} answers as its loss, in turn; the real loss when empty. */
    final List<Double> scripted = new ArrayList<>();

    Runnable beforeLoss = () -> {};

    LinearRegression(int rows, long seed) {
        SeededStream random = SeededStream.of(seed, "regression");
        inputs = new float[rows][TRUE_WEIGHTS.length];
        targets = new float[rows];
        for (int i = 0; i < rows; i++) {
            targets[i] = 0.25f;
            for (int k = 0; k < TRUE_WEIGHTS.length; k++) {
                inputs[i][k] = (float) random.nextGaussian();
                targets[i] += inputs[i][k] * TRUE_WEIGHTS[k];
            }
        }
        parameters = Torch.call(() -> {
            Parameters weights = new Parameters();
            weights.put("w", weights.manager().zeros(new Shape(1, TRUE_WEIGHTS.length)));
            weights.put("b", weights.manager().zeros(new Shape(1)));
            weights.setAllTrainable(true);
            return weights;
        });
    }

    void poison(int row) {
        healthy = targets[row];
        targets[row] = Float.NaN;
    }

    /** A row whose loss is finite and whose gradient is not. */
    void poisonGradient(int row) {
        badGradient = row;
    }

    void stretch(int row, float factor) {
        targets[row] *= factor;
    }

    void heal(int row) {
        targets[row] = healthy;
    }

    float[] weights() {
        return Torch.call(() -> parameters.get("w").toFloatArray());
    }

    @Override
    public int size() {
        return targets.length;
    }

    @Override
    public String rowId(int row) {
        return "rows.jsonl:" + (row + 1);
    }

    /** Rows pretend to have 1, 2, 3, 4, 5, 1, ... tokens. */
    @Override
    public long tokens(int row) {
        return row % 5 + 1L;
    }

    @Override
    public NDArray lossSum(int[] rows, Tape tape, MetricSums metrics) {
        beforeLoss.run();
        seen.add(rows.clone());
        NDArray errors = errors(rows);
        double absolute = 0;
        for (float error : errors.toFloatArray()) {
            absolute += Math.abs(error);
            metrics.max("worst", Math.abs(error));
        }
        metrics.mean("absolute", absolute, rows.length);
        NDArray loss = errors.square().sum();
        boolean bad = IntStream.of(rows).anyMatch(row -> row == badGradient);
        NDArray b = parameters.get("b");
        // The root of 0 has an infinite slope.
        return bad ? loss.add(b.sub(b).abs().sqrt().sum()) : loss;
    }

    private NDArray errors(int[] rows) {
        NDManager manager = parameters.manager();
        float[][] x = new float[rows.length][];
        float[] y = new float[rows.length];
        for (int i = 0; i < rows.length; i++) {
            x[i] = inputs[rows[i]];
            y[i] = targets[rows[i]];
        }
        return manager.create(x)
                .matMul(parameters.get("w").transpose())
                .flatten()
                .add(parameters.get("b"))
                .sub(manager.create(y));
    }

    @Override
    public Map<String, Double> evaluate() {
        if (!scripted.isEmpty()) {
            return Map.of("loss", scripted.remove(0));
        }
        int[] all = new int[size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = i;
        }
        return Map.of("loss", (double) errors(all).square().mean().getFloat());
    }

    @Override
    public Map<String, Better> comparable() {
        return Map.of("loss", Better.LOWER);
    }

    @Override
    public void close() {
        Torch.run(parameters::close);
    }
}
