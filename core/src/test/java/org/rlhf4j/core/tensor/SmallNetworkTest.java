package org.rlhf4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.rlhf4j.testing.TensorAssertions.assertClose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.testing.GradientCheck;
import org.rlhf4j.testing.GradientCheck.Differentiable;
import org.rlhf4j.testing.TensorAssertions;

/** The operators of small networks against plain DJL operations (value and gradient) and against finite differences. */
class SmallNetworkTest {
    /** Sizes of layers, from the input to the output. */
    @ParameterizedTest
    @ValueSource(strings = {"4 5 2", "4 5 3 2", "1 1 1 1 1"})
    void aNetworkIsItsLayersWithTanhBetweenThem(String sizes) {
        int[] size = Arrays.stream(sizes.split(" ")).mapToInt(Integer::parseInt).toArray();
        Torch.run(() -> {
            try (Parameters parameters = new Parameters()) {
                for (int i = 0; i < size.length - 1; i++) {
                    put(parameters, "w" + i, new Shape(size[i + 1], size[i]));
                    put(parameters, "b" + i, new Shape(size[i + 1]));
                }
                parameters.setAllTrainable(true);
                Shape input = new Shape(3, size[0]);
                NDArray x = HostCopy.create(parameters.manager(), input, floats(1, input));
                List<NDArray> layers =
                        parameters.names().stream().map(parameters::get).toList();
                double plain = Tape.backward(tape -> weighted(plain(x, layers)), 0.5, value -> {});
                Map<String, double[]> expected = gradients(parameters);
                double fused = Tape.backward(
                        tape -> weighted(TanhNetwork.forward(x, layers, tape).outputs()), 0.5, value -> {});
                assertThat(fused).isCloseTo(plain, within(1e-5));
                expected.forEach((name, gradient) -> assertClose(
                        TensorAssertions.doubles(JniUtils.getGradient((PtNDArray) parameters.get(name))),
                        gradient,
                        1e-6,
                        1e-5));
                assertThat(Tape.evaluate(tape ->
                                weighted(TanhNetwork.forward(x, layers, tape).outputs())))
                        .isCloseTo(plain, within(1e-5));
            }
        });
    }

    private static void put(Parameters parameters, String name, Shape shape) {
        float[] values = floats(name.hashCode(), shape);
        parameters.put(name, HostCopy.create(parameters.manager(), shape, values));
    }

    private static float[] floats(long seed, Shape shape) {
        double[] values = GradientCheck.normal(seed, shape);
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    /** Gradients so far, which then start at 0 again. */
    private static Map<String, double[]> gradients(Parameters parameters) {
        Map<String, double[]> gradients = new LinkedHashMap<>();
        for (String name : parameters.names()) {
            PtNDArray array = (PtNDArray) parameters.get(name);
            gradients.put(name, TensorAssertions.doubles(JniUtils.getGradient(array)));
            JniUtils.zeroGrad(array);
        }
        return gradients;
    }

    private static NDArray plain(NDArray x, List<NDArray> layers) {
        NDArray y = x;
        for (int i = 0; i < layers.size(); i += 2) {
            y = (i == 0 ? y : y.tanh()).matMul(layers.get(i).transpose()).add(layers.get(i + 1));
        }
        return y;
    }

    /** A sum in which every output counts differently. */
    private static NDArray weighted(NDArray outputs) {
        Shape shape = outputs.getShape();
        return outputs.mul(HostCopy.create(outputs.getManager(), shape, floats(9, shape)))
                .sum();
    }

    @Test
    void theLatentIsWhatGoesIntoTheLastLayer() {
        Torch.run(() -> Tape.evaluate(tape -> {
            NDArray x = HostCopy.create(Torch.manager(), new Shape(1, 1), new float[] {0.5f});
            NDArray one = HostCopy.create(Torch.manager(), new Shape(1, 1), new float[] {1});
            NDArray zero = HostCopy.create(Torch.manager(), new float[] {0});
            TanhNetwork.Result result = TanhNetwork.forward(x, List.of(one, zero, one, zero), tape);
            assertThat(result.latent().getFloat()).isCloseTo((float) Math.tanh(0.5), within(1e-6f));
            return result.outputs().sum();
        }));
    }

    @Test
    void aChoiceHasItsLogProbabilityAndItsEntropy() {
        Shape logits = new Shape(3, 4);
        check(
                x -> TorchOps.categorical(x.get(0), chosen(x)).logProbs(),
                x -> x.get(0).logSoftmax(-1).gather(TorchOps.cast(chosen(x), DataType.INT64), 1),
                logits);
        check(
                x -> TorchOps.categorical(x.get(0), chosen(x)).entropy(),
                x -> {
                    NDArray all = x.get(0).logSoftmax(-1);
                    return all.exp().mul(all).sum(new int[] {-1}, true).neg();
                },
                logits);
    }

    private static NDArray chosen(List<NDArray> x) {
        return HostCopy.create(x.get(0).getManager(), new Shape(3, 1), new float[] {2, 0, 3});
    }

    private static void check(Differentiable operator, Differentiable plain, Shape... shapes) {
        List<double[]> values = new ArrayList<>();
        for (Shape shape : shapes) {
            values.add(GradientCheck.normal(7 + values.size(), shape));
        }
        Torch.run(() -> Scope.run(() -> {
            GradientCheck.sameInFloat32(operator, plain, values, List.of(shapes), 2e-6);
            GradientCheck.byFiniteDifferences(operator, values, List.of(shapes));
        }));
    }

    @Test
    void aWeightWithoutItsBiasIsRefused() {
        Torch.run(() -> Tape.evaluate(tape -> {
            NDArray x = HostCopy.create(Torch.manager(), new Shape(1, 1), new float[] {1});
            assertThatThrownBy(() -> TanhNetwork.forward(x, List.of(x, x, x), tape))
                    .hasMessage("3 arrays are not weights and biases of two layers or more");
            return x.sum();
        }));
    }
}
