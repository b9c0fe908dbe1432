package org.rlhf4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class TapeCheckpointTest {
    private final List<String> calls = new ArrayList<>();

    /** {@code x w}, which writes down its name. */
    private UnaryOperator<NDArray> times(String name, NDArray w) {
        return x -> {
            calls.add(name);
            return x.mul(w);
        };
    }

    private static NDArray leaf(double value, boolean trainable) {
        NDArray array = HostCopy.create(Torch.manager(), new double[] {value});
        array.setRequiresGradient(trainable);
        return array;
    }

    private static double gradient(NDArray leaf) {
        return leaf.getGradient().toDoubleArray()[0];
    }

    /** L = (3 x a b)²: dL/dx = 18 x a² b², dL/da = 18 x² a b², dL/db = 18 x² a² b. */
    @Test
    void layersAreComputedAgainFromTheLastToTheFirst() {
        Torch.run(() -> Scope.run(() -> {
            NDArray x = leaf(2, true);
            NDArray a = leaf(5, true);
            NDArray b = leaf(-1, true);
            double loss = Tape.backward(
                    tape -> {
                        // The input of the first layer is in the graph and no leaf.
                        NDArray y = Tape.checkpoint(TorchOps.times(x, 3), times("a", a));
                        NDArray z = Tape.checkpoint(y, times("b", b));
                        return z.mul(z).sum();
                    },
                    0.5,
                    value -> {},
                    true);
            assertThat(loss).isEqualTo(900);
            assertThat(calls).containsExactly("a", "b", "b", "a");
            assertThat(gradient(x)).isEqualTo(0.5 * 18 * 2 * 25);
            assertThat(gradient(a)).isEqualTo(0.5 * 18 * 4 * 5);
            assertThat(gradient(b)).isEqualTo(0.5 * 18 * 4 * 25 * -1);
        }));
    }

    @Test
    void whatHasNoGradientIsComputedOnce() {
        Torch.run(() -> Scope.run(() -> {
            NDArray x = leaf(2, false);
            NDArray frozen = leaf(5, false);
            NDArray b = leaf(-1, true);
            Tape.Loss loss = tape -> {
                NDArray y = Tape.checkpoint(x, times("frozen", frozen));
                return Tape.checkpoint(y, times("b", b)).sum();
            };
            Tape.backward(loss, 1, value -> {}, true);
            assertThat(calls).containsExactly("frozen", "b", "b");
            assertThat(gradient(b)).isEqualTo(10);
            calls.clear();
            Tape.backward(loss, 1, value -> {});
            assertThat(gradient(b)).isEqualTo(20);
            Tape.evaluate(loss);
            assertThat(calls).containsExactly("frozen", "b", "frozen", "b");
        }));
    }

    @Test
    void aResultThatTheLossDoesNotReadIsNotComputedAgain() {
        Torch.run(() -> Scope.run(() -> {
            NDArray a = leaf(5, true);
            Tape.backward(
                    tape -> {
                        Tape.checkpoint(a, times("unread", a));
                        return a.mul(a).sum();
                    },
                    1,
                    value -> {},
                    true);
            assertThat(calls).containsExactly("unread");
            assertThat(gradient(a)).isEqualTo(10);
        }));
    }
}
