package org.rlhf4j.ppo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.testing.GradientCheck;

/**
 * The smallest actor-critic: log softmax of a linear map, and another one for the value. Remembers what it was asked, and
 * its weights then.
 */
final class Linear implements ActorCritic<Linear.Samples>, AutoCloseable {
    static final int FEATURES = 3;
    static final int ACTIONS = 2;

    /** Rows that each pass was asked for. */
    final List<int[]> asked = new ArrayList<>();
    /** The weights at each pass. */
    final List<float[]> weightsThen = new ArrayList<>();
    /** Rows whose log-probabilities come out as NaN. */
    int broken = -1;

    private final Parameters parameters = Torch.call(Parameters::new);

    /**
     * What was seen and done.
     *
     * @param features {@code [N][T][FEATURES]}
     * @param actions {@code [N][T]}
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Samples(float[][][] features, int[][] actions) {
        /** Drawn from a seed. */
        static Samples of(int rows, int width, long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            float[][][] features = new float[rows][width][FEATURES];
            int[][] actions = new int[rows][width];
            for (int b = 0; b < rows; b++) {
                for (int t = 0; t < width; t++) {
                    for (int f = 0; f < FEATURES; f++) {
                        features[b][t][f] = (float) random.nextDouble(-1, 1);
                    }
                    actions[b][t] = random.nextInt(ACTIONS);
                }
            }
            return new Samples(features, actions);
        }

        int width() {
            return actions[0].length;
        }
    }

    Linear() {
        Torch.run(() -> {
            put("policy.weight", new Shape(FEATURES, ACTIONS), 1);
            put("policy.bias", new Shape(ACTIONS), 2);
            put("value.weight", new Shape(FEATURES, 1), 3);
        });
    }

    private void put(String name, Shape shape, long seed) {
        double[] normal = GradientCheck.normal(seed, shape);
        float[] values = new float[normal.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (0.5 * normal[i]);
        }
        parameters.put(name, HostCopy.create(parameters.manager(), shape, values));
    }

    Parameters parameters() {
        return parameters;
    }

    @Override
    public List<Network> networks() {
        return List.of(Network.only(parameters));
    }

    @Override
    public Evaluation evaluate(Samples samples, int[] rows, Tape tape) {
        asked.add(rows.clone());
        weightsThen.add(weights());
        int width = samples.width();
        float[] features = new float[rows.length * width * FEATURES];
        float[] chosen = new float[rows.length * width * ACTIONS];
        for (int i = 0; i < rows.length * width; i++) {
            System.arraycopy(samples.features[rows[i / width]][i % width], 0, features, i * FEATURES, FEATURES);
            chosen[i * ACTIONS + samples.actions[rows[i / width]][i % width]] = 1;
        }
        NDManager manager = Torch.manager();
        NDArray x = HostCopy.create(manager, new Shape(rows.length, width, FEATURES), features);
        NDArray logits = x.matMul(parameters.get("policy.weight")).add(parameters.get("policy.bias"));
        NDArray all = logits.logSoftmax(-1);
        NDArray logProbs =
                all.mul(HostCopy.create(manager, all.getShape(), chosen)).sum(new int[] {-1});
        NDArray entropy = all.exp().mul(all).sum(new int[] {-1}).neg();
        NDArray values = x.matMul(parameters.get("value.weight")).squeeze(-1);
        boolean nan = IntStream.of(rows).anyMatch(row -> row == broken);
        return new Evaluation(nan ? logProbs.mul(Float.NaN) : logProbs, entropy, values);
    }

    /** All weights, one after the other. */
    float[] weights() {
        return Torch.call(() -> {
            float[] weights = new float[Math.toIntExact(parameters.count())];
            int at = 0;
            for (String name : parameters.names()) {
                float[] values = HostCopy.toFloats(parameters.get(name));
                System.arraycopy(values, 0, weights, at, values.length);
                at += values.length;
            }
            return weights;
        });
    }

    /**
     * What this says of samples now, with advantages and returns drawn from a seed.
     *
     * @param logRatio by how much the log-probabilities now are above the old ones
     */
    Experience experience(Samples samples, double logRatio, long seed) {
        int rows = samples.actions.length;
        int width = samples.width();
        float[][] logProbs = new float[rows][];
        float[][] values = new float[rows][];
        Torch.run(() -> Tape.evaluate(tape -> {
            Complete now =
                    Complete.of(evaluate(samples, IntStream.range(0, rows).toArray(), tape));
            float[] flatLogProbs = HostCopy.toFloats(now.logProbs().sub(logRatio));
            float[] flatValues = HostCopy.toFloats(now.values());
            for (int b = 0; b < rows; b++) {
                logProbs[b] = Arrays.copyOfRange(flatLogProbs, b * width, (b + 1) * width);
                values[b] = Arrays.copyOfRange(flatValues, b * width, (b + 1) * width);
            }
            return now.values().sum();
        }));
        asked.clear();
        weightsThen.clear();
        SplittableRandom random = new SplittableRandom(seed);
        float[][] advantages = new float[rows][width];
        float[][] returns = new float[rows][width];
        boolean[][] mask = new boolean[rows][width];
        for (int b = 0; b < rows; b++) {
            for (int t = 0; t < width; t++) {
                advantages[b][t] = (float) random.nextDouble(-1, 2);
                returns[b][t] = values[b][t] + advantages[b][t];
                mask[b][t] = true;
            }
        }
        return new Experience(logProbs, values, advantages, returns, mask);
    }

    @Override
    public void close() {
        parameters.close();
    }
}
