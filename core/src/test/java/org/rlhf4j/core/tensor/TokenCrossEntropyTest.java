package org.rlhf4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.testing.GradientCheck;

class TokenCrossEntropyTest {
    private static final int[] TARGETS = {0, 6, 3, 3, 1};

    /** A layer, so that gradients have somewhere to flow, and a head. */
    private record Net(NDArray x, NDArray w, NDArray head) {
        static Net fresh() {
            Net net = new Net(normal(1, 5, 3), normal(2, 4, 3), normal(3, 7, 4));
            List.of(net.x, net.w, net.head).forEach(leaf -> leaf.setRequiresGradient(true));
            return net;
        }

        NDArray hidden() {
            return TorchOps.linear(x, w);
        }

        List<double[]> takeGradients() {
            List<double[]> gradients = new ArrayList<>();
            for (NDArray leaf : List.of(x, w, head)) {
                gradients.add(leaf.getGradient().toDoubleArray());
            }
            FusedUpdates.zero(List.of(x.getGradient(), w.getGradient(), head.getGradient()));
            return gradients;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 2, 1})
    void equalsTheSumOfLogProbabilitiesInValueAndGradientHoweverItIsChunked(int chunkRows) {
        Torch.run(() -> Scope.run(() -> {
            Net net = Net.fresh();
            // Twice: the first pass finds no gradient to add to, the second does.
            for (int pass = 0; pass < 2; pass++) {
                List<Double> entropy = new ArrayList<>();
                double expected = Tape.backward(
                        tape -> {
                            TokenLogProbs values =
                                    TokenLogProbs.of(tape, net.hidden(), new VocabularyHead(net.head), TARGETS, 1);
                            entropy.add(values.entropy().sum().toDoubleArray()[0]);
                            return values.logProb().sum().neg();
                        },
                        0.25,
                        loss -> {});
                List<double[]> gradients = net.takeGradients();
                double loss = Tape.backward(
                        tape -> {
                            TokenCrossEntropy values = TokenCrossEntropy.of(
                                    tape, net.hidden(), new VocabularyHead(net.head), TARGETS, chunkRows);
                            assertThat(values.entropySum()).isCloseTo(entropy.get(0), within(1e-12));
                            return values.sum();
                        },
                        0.25,
                        value -> {});
                assertThat(loss).isCloseTo(expected, within(1e-12));
                List<double[]> actual = net.takeGradients();
                for (int i = 0; i < 3; i++) {
                    GradientCheck.assertClose("gradient " + i, actual.get(i), gradients.get(i), 1e-12);
                }
            }
        }));
    }

    @Test
    void itMayBeOneSummandOfALossButNotScaled() {
        Torch.run(() -> Scope.run(() -> {
            Net net = Net.fresh();
            Tape.backward(
                    tape -> TokenCrossEntropy.of(tape, net.hidden(), new VocabularyHead(net.head), TARGETS)
                            .sum()
                            .add(net.w.sum()),
                    1,
                    loss -> {});
            double[] both = net.takeGradients().get(1);
            Tape.backward(
                    tape -> TokenCrossEntropy.of(tape, net.hidden(), new VocabularyHead(net.head), TARGETS)
                            .sum(),
                    1,
                    loss -> {});
            double[] alone = net.takeGradients().get(1);
            for (int i = 0; i < alone.length; i++) {
                assertThat(both[i]).isCloseTo(alone[i] + 1, within(1e-12));
            }
            assertThatThrownBy(() -> Tape.backward(
                            tape -> TokenCrossEntropy.of(tape, net.hidden(), new VocabularyHead(net.head), TARGETS)
                                    .sum()
                                    .mul(2),
                            1,
                            loss -> {}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("as it is, not times 2.0");
        }));
    }

    @Test
    void aFrozenHeadAndAFrozenTrunkAreLeftAlone() {
        Torch.run(() -> Scope.run(() -> {
            Net net = Net.fresh();
            Tape.backward(
                    tape -> TokenCrossEntropy.of(tape, net.hidden(), new VocabularyHead(net.head), TARGETS)
                            .sum(),
                    1,
                    loss -> {});
            List<double[]> expected = net.takeGradients();
            net.head.setRequiresGradient(false);
            Tape.backward(
                    tape -> TokenCrossEntropy.of(tape, net.hidden(), new VocabularyHead(net.head), TARGETS)
                            .sum(),
                    1,
                    loss -> {});
            GradientCheck.assertClose("trunk", net.w.getGradient().toDoubleArray(), expected.get(1), 1e-12);
            NDArray head = normal(3, 7, 4);
            head.setRequiresGradient(true);
            NDArray hidden = Torch.withoutGradients(net::hidden);
            Tape.backward(
                    tape -> TokenCrossEntropy.of(tape, hidden, new VocabularyHead(head), TARGETS)
                            .sum(),
                    1,
                    loss -> {});
            GradientCheck.assertClose("head", head.getGradient().toDoubleArray(), expected.get(2), 1e-12);
        }));
    }

    @Test
    void withoutGradientsTheFiguresAreTheSame() {
        Torch.run(() -> Scope.run(() -> {
            Net net = Net.fresh();
            List<TokenCrossEntropy> values = new ArrayList<>();
            Tape.Loss loss = tape -> {
                values.add(TokenCrossEntropy.of(tape, net.hidden(), new VocabularyHead(net.head), TARGETS, 2));
                return values.get(values.size() - 1).sum();
            };
            double recorded = Tape.backward(loss, 1, value -> {});
            assertThat(Tape.evaluate(loss)).isCloseTo(recorded, within(1e-12));
            assertThat(values.get(1).entropySum()).isCloseTo(values.get(0).entropySum(), within(1e-12));
            assertThat(values.get(1).correct()).isEqualTo(values.get(0).correct());
        }));
    }

    @Test
    void aTargetIsCorrectWhenNoTokenIsMoreProbable() {
        // Logits are the hidden states themselves: (3, 1, 2), (0, 5, 5), (1, 2, 3) with targets 0, 1, 1.
        Torch.run(() -> Scope.run(() -> {
            NDArray hidden =
                    HostCopy.create(Torch.manager(), new Shape(3, 3), new double[] {3, 1, 2, 0, 5, 5, 1, 2, 3});
            NDArray head = HostCopy.create(Torch.manager(), new Shape(3, 3), new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1});
            Tape.evaluate(tape -> {
                TokenCrossEntropy values =
                        TokenCrossEntropy.of(tape, hidden, new VocabularyHead(head), new int[] {0, 1, 1});
                assertThat(values.correct()).isEqualTo(2);
                double expected = Math.log(Math.exp(0) + Math.exp(-2) + Math.exp(-1))
                        + Math.log(2 + Math.exp(-5))
                        + Math.log(Math.exp(-1) + 1 + Math.exp(1));
                assertThat(values.sum().toDoubleArray()[0]).isCloseTo(expected, within(1e-12));
                return values.sum();
            });
        }));
    }

    private static NDArray normal(long seed, long... shape) {
        return HostCopy.create(Torch.manager(), new Shape(shape), GradientCheck.normal(seed, new Shape(shape)));
    }
}
