package org.rlhf4j.ppo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;
import org.rlhf4j.testing.Golden;

/** Separate tanh networks of two layers for policy and value, their weights those of a golden file, in plain operators. */
final class GoldenActorCritic implements ActorCritic<GoldenActorCritic.Samples>, AutoCloseable {
    private final Parameters parameters = Torch.call(Parameters::new);
    private final boolean gaussian;

    /**
     * What was seen and done.
     *
     * @param observations {@code [N][inputs]}
     * @param actions {@code [N][1]}, or {@code [N][dimensions]} of a Gaussian policy
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Samples(double[][] observations, double[][] actions) {}

    GoldenActorCritic(JsonNode weights) {
        this.gaussian = weights.has("logstd");
        Torch.run(() -> weights.properties().forEach(entry -> {
            JsonNode rows = entry.getValue();
            Shape shape =
                    rows.get(0).isArray() ? new Shape(rows.size(), rows.get(0).size()) : new Shape(rows.size());
            parameters.put(entry.getKey(), HostCopy.create(parameters.manager(), shape, Golden.floats(rows)));
        }));
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
        NDArray observations = array(samples.observations, rows);
        NDArray actions = array(samples.actions, rows);
        NDArray head = network("actor", observations);
        NDArray values = network("critic", observations);
        if (gaussian) {
            NDArray logStd = parameters.get("logstd");
            NDArray scaled = actions.sub(head).div(logStd.exp());
            NDArray logProbs = TorchOps.times(scaled.square(), -0.5)
                    .sub(logStd)
                    .sub(0.5 * Math.log(2 * Math.PI))
                    .sum(new int[] {1}, true);
            NDArray entropy = logStd.add(0.5 + 0.5 * Math.log(2 * Math.PI)).sum();
            return new Evaluation(logProbs, values.zerosLike().add(entropy), values);
        }
        NDArray all = head.logSoftmax(-1);
        NDArray chosen = actions.mul(all.get(":, 1:2")).sub(actions.sub(1).mul(all.get(":, 0:1")));
        return new Evaluation(
                chosen, all.exp().mul(all).sum(new int[] {1}, true).neg(), values);
    }

    private NDArray network(String name, NDArray observations) {
        NDArray x = observations;
        for (int layer = 0; layer <= 4; layer += 2) {
            NDArray weight = parameters.get(name + "." + layer + ".weight");
            x = x.matMul(weight.transpose()).add(parameters.get(name + "." + layer + ".bias"));
            x = layer < 4 ? x.tanh() : x;
        }
        return x;
    }

    private static NDArray array(double[][] all, int[] rows) {
        int width = all[0].length;
        float[] flat = new float[rows.length * width];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = (float) all[rows[i / width]][i % width];
        }
        return HostCopy.create(Torch.manager(), new Shape(rows.length, width), flat);
    }

    /** The weights of a name. */
    float[] weights(String name) {
        return Torch.call(() -> HostCopy.toFloats(parameters.get(name)));
    }

    /** Rows of numbers, also where each is one number. */
    static double[][] rows(JsonNode array) {
        if (array.get(0).isArray()) {
            return Golden.rows(array);
        }
        return Arrays.stream(Golden.doubles(array))
                .mapToObj(value -> new double[] {value})
                .toArray(double[][]::new);
    }

    @Override
    public void close() {
        parameters.close();
    }
}
