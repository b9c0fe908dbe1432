package org.rlhf4j.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.rlhf4j.testing.GradientCheck;

/** Products large enough to take another way through the engine, against matMul in float64. */
class WideLinearTest {
    private static final Shape INPUT = new Shape(3, 50, 130);
    private static final Shape WEIGHT = new Shape(140, 130);
    private static final Shape BIAS = new Shape(140);

    @Test
    void equalsMatMulInValueAndGradient() {
        equalsPlain(x -> TorchOps.linear(x.get(0), x.get(1)), TorchOpsTest::plainLinear, INPUT, WEIGHT);
    }

    @Test
    void equalsMatMulWithABiasInValueAndGradient() {
        equalsPlain(
                x -> TorchOps.linear(x.get(0), x.get(1), x.get(2)),
                x -> TorchOpsTest.plainLinear(x).add(x.get(2)),
                INPUT,
                WEIGHT,
                BIAS);
    }

    @Test
    void takesInputsThatAreNotContiguous() {
        equalsPlain(
                x -> TorchOps.linear(x.get(0).transpose(1, 0, 2), x.get(1)),
                x -> TorchOpsTest.plainLinear(List.of(x.get(0).transpose(1, 0, 2), x.get(1))),
                INPUT,
                WEIGHT);
    }

    private static void equalsPlain(
            Function<List<NDArray>, NDArray> op, Function<List<NDArray>, NDArray> plain, Shape... shapes) {
        Torch.run(() -> Scope.run(() -> {
            List<double[]> actual = valueAndGradients(op, DataType.FLOAT32, shapes);
            List<double[]> expected = valueAndGradients(plain, DataType.FLOAT64, shapes);
            for (int i = 0; i < actual.size(); i++) {
                GradientCheck.assertClose(i == 0 ? "value" : "gradient " + i, actual.get(i), expected.get(i), 1e-5);
            }
        }));
    }

    /** The value of the operator, and the gradient of its weighted sum by each input. */
    private static List<double[]> valueAndGradients(
            Function<List<NDArray>, NDArray> op, DataType type, Shape... shapes) {
        List<NDArray> inputs = new ArrayList<>();
        for (int i = 0; i < shapes.length; i++) {
            NDArray input = normal(i, shapes[i], type);
            input.setRequiresGradient(true);
            inputs.add(input);
        }
        List<double[]> results = new ArrayList<>();
        Tape.backward(
                tape -> {
                    NDArray value = op.apply(inputs);
                    results.add(doubles(value));
                    return value.mul(normal(9, value.getShape(), type)).sum();
                },
                1,
                loss -> {});
        inputs.forEach(input -> results.add(doubles(input.getGradient())));
        return results;
    }

    private static NDArray normal(long seed, Shape shape, DataType type) {
        NDArray wide = HostCopy.create(Torch.manager(), shape, GradientCheck.normal(seed, shape));
        return Torch.withoutGradients(() -> TorchOps.cast(wide, type));
    }

    private static double[] doubles(NDArray array) {
        return Torch.withoutGradients(() -> TorchOps.toFloat64(array)).toDoubleArray();
    }
}
