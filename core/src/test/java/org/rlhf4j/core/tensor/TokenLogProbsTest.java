package org.rlhf4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlhf4j.testing.Golden;
import org.rlhf4j.testing.GradientCheck;
import org.rlhf4j.testing.JavaProcess;

class TokenLogProbsTest {
    /** One chunk, several with a remainder, one row a chunk. */
    private static final List<Integer> CHUNK_ROWS = List.of(64, 4, 1);

    static Stream<Arguments> goldenCases() {
        return Golden.cases("lm/token_logprobs", "cases").stream()
                .flatMap(c -> CHUNK_ROWS.stream().map(rows -> Arguments.of(c, rows)));
    }

    @ParameterizedTest
    @MethodSource("goldenCases")
    void equalsTorchInValueAndGradientHoweverItIsChunked(JsonNode golden, int chunkRows) {
        Torch.run(() -> Scope.run(() -> {
            NDArray hidden = leaf(golden.get("hidden"));
            NDArray head = leaf(golden.get("head"));
            int[] targets = Golden.ints(golden.get("targets"));
            NDArray a = matrix(golden.get("log_prob_weights"));
            NDArray b = matrix(golden.get("entropy_weights"));
            Tape.backward(
                    tape -> {
                        TokenLogProbs values = TokenLogProbs.of(
                                tape,
                                hidden,
                                new VocabularyHead(head),
                                targets,
                                golden.get("temperature").doubleValue(),
                                chunkRows);
                        close("log-probabilities", values.logProb(), golden.get("log_probs"));
                        close("entropies", values.entropy(), golden.get("entropies"));
                        return values.logProb()
                                .mul(a)
                                .add(values.entropy().mul(b))
                                .sum();
                    },
                    1,
                    loss -> {});
            close("hidden gradient", hidden.getGradient(), golden.get("gradient_hidden"));
            close("head gradient", head.getGradient(), golden.get("gradient_head"));
        }));
    }

    @Test
    void theGradientOfALossThatIsNotLinearReachesTheLayersBelow() {
        // hidden = x wᵀ, loss = sum(logProb² entropy): compared with the same from whole logits in float64.
        Torch.run(() -> Scope.run(() -> {
            NDArray x = normal(1, 5, 3);
            NDArray w = normal(2, 4, 3);
            NDArray head = normal(3, 7, 4);
            int[] targets = {0, 6, 3, 3, 1};
            List.of(x, w, head).forEach(leaf -> leaf.setRequiresGradient(true));
            double whole = Tape.backward(
                    tape -> {
                        NDArray all = TorchOps.linear(TorchOps.linear(x, w), head)
                                .div(1.5)
                                .logSoftmax(-1);
                        NDArray entropy = all.exp().mul(all).sum(new int[] {-1}).neg();
                        NDArray logProb = TorchOps.logProb(
                                TorchOps.linear(TorchOps.linear(x, w), head).div(1.5), index(targets));
                        return logProb.square().mul(entropy).sum();
                    },
                    1,
                    loss -> {});
            List<double[]> expected = takeGradients(x, w, head);
            double chunked = Tape.backward(
                    tape -> {
                        TokenLogProbs v = TokenLogProbs.of(
                                tape, TorchOps.linear(x, w), new VocabularyHead(head), targets, 1.5, 2);
                        return v.logProb().square().mul(v.entropy()).sum();
                    },
                    1,
                    loss -> {});
            List<double[]> actual = takeGradients(x, w, head);
            assertThat(chunked).isCloseTo(whole, within(1e-12 * Math.abs(whole)));
            for (int i = 0; i < 3; i++) {
                GradientCheck.assertClose("gradient " + i, actual.get(i), expected.get(i), 1e-12);
            }
        }));
    }

    @Test
    void aCutHiddenStateServesAValueHeadToo() {
        // Two heads on one trunk: sum(logProb) + sum(hidden v). Without the cut the trunk's graph would be used twice.
        Torch.run(() -> Scope.run(() -> {
            NDArray x = normal(1, 4, 3);
            NDArray w = normal(2, 3, 3);
            NDArray head = normal(3, 6, 3);
            NDArray value = normal(4, 3, 1);
            List.of(w, head, value).forEach(leaf -> leaf.setRequiresGradient(true));
            int[] targets = {5, 0, 2, 2};
            Tape.backward(
                    tape -> {
                        NDArray hidden = TorchOps.linear(x, w);
                        return TorchOps.logProb(TorchOps.linear(hidden, head), index(targets))
                                .sum()
                                .add(hidden.matMul(value).sum());
                    },
                    1,
                    loss -> {});
            List<double[]> expected = takeGradients(w, head, value);
            Tape.backward(
                    tape -> {
                        NDArray hidden = tape.cut(TorchOps.linear(x, w));
                        return TokenLogProbs.of(tape, hidden, new VocabularyHead(head), targets, 1)
                                .logProb()
                                .sum()
                                .add(hidden.matMul(value).sum());
                    },
                    1,
                    loss -> {});
            List<double[]> actual = takeGradients(w, head, value);
            for (int i = 0; i < 3; i++) {
                GradientCheck.assertClose("gradient " + i, actual.get(i), expected.get(i), 1e-12);
            }
        }));
    }

    @Test
    void twoPassesOverTheSameHeadAddUpAndATiedEmbeddingGetsBothGradients() {
        // The embedding is also the head: d/dE of sum(logProb) through both roles, against whole logits.
        Torch.run(() -> Scope.run(() -> {
            NDArray embedding = normal(1, 6, 3);
            embedding.setRequiresGradient(true);
            int[] chosen = {1, 2, 3};
            int[] rejected = {4, 0};
            Tape.backward(tape -> whole(embedding, chosen).sub(whole(embedding, rejected)), 1, loss -> {});
            List<double[]> expected = takeGradients(embedding);
            Tape.backward(
                    tape -> chunked(tape, embedding, chosen).sub(chunked(tape, embedding, rejected)), 1, loss -> {});
            GradientCheck.assertClose("gradient", takeGradients(embedding).get(0), expected.get(0), 1e-12);
        }));
    }

    private static NDArray whole(NDArray embedding, int[] ids) {
        NDArray hidden = TorchOps.embedding(index(ids), embedding).tanh();
        return TorchOps.logProb(TorchOps.linear(hidden, embedding), index(ids)).sum();
    }

    private static NDArray chunked(Tape tape, NDArray embedding, int[] ids) {
        NDArray hidden = TorchOps.embedding(index(ids), embedding).tanh();
        return TokenLogProbs.of(tape, hidden, new VocabularyHead(embedding), ids, 1, 1)
                .logProb()
                .sum();
    }

    @Test
    void frozenPartsGetNoGradientAndTheRestIsUnchanged() {
        Torch.run(() -> Scope.run(() -> {
            NDArray hidden = normal(1, 4, 3);
            NDArray head = normal(2, 6, 3);
            int[] targets = {0, 1, 2, 3};
            UnaryOperator<NDArray> copy = array -> array.add(0);
            NDArray bothHidden = copy.apply(hidden);
            NDArray bothHead = copy.apply(head);
            bothHidden.setRequiresGradient(true);
            bothHead.setRequiresGradient(true);
            logProbPass(bothHidden, bothHead, targets);
            NDArray onlyHidden = copy.apply(hidden);
            onlyHidden.setRequiresGradient(true);
            logProbPass(onlyHidden, head, targets);
            NDArray onlyHead = copy.apply(head);
            onlyHead.setRequiresGradient(true);
            logProbPass(hidden, onlyHead, targets);
            assertThat(onlyHidden.getGradient().toDoubleArray())
                    .isEqualTo(bothHidden.getGradient().toDoubleArray());
            assertThat(onlyHead.getGradient().toDoubleArray())
                    .isEqualTo(bothHead.getGradient().toDoubleArray());
            assertThat(head.hasGradient()).isFalse();
        }));
    }

    private static void logProbPass(NDArray hidden, NDArray head, int[] targets) {
        Tape.backward(
                tape -> TokenLogProbs.of(tape, hidden, new VocabularyHead(head), targets, 1)
                        .logProb()
                        .sum(),
                1,
                loss -> {});
    }

    @Test
    void withoutGradientsTheValuesAreTheSameAndBelongToNoGraph() {
        Torch.run(() -> Scope.run(() -> {
            NDArray hidden = normal(1, 4, 3);
            NDArray head = normal(2, 6, 3);
            head.setRequiresGradient(true);
            int[] targets = {0, 1, 2, 3};
            TokenLogProbs values = TokenLogProbs.forward(hidden, new VocabularyHead(head), targets, 1);
            assertThat(TorchOps.inGraph(values.logProb())).isFalse();
            double evaluated =
                    Tape.evaluate(tape -> TokenLogProbs.of(tape, hidden, new VocabularyHead(head), targets, 1)
                            .logProb()
                            .sum());
            assertThat(evaluated).isEqualTo(values.logProb().sum().toDoubleArray()[0]);
        }));
    }

    @Test
    void aTargetIsCorrectWhereNoTokenIsLikelier() {
        Torch.run(() -> Scope.run(() -> {
            NDArray hidden = normal(1, 9, 3);
            NDArray head = normal(2, 6, 3);
            long[] best = TorchOps.linear(hidden, head).argMax(-1).toLongArray();
            int[] targets = new int[best.length];
            for (int i = 0; i < targets.length; i++) {
                targets[i] = i % 2 == 0 ? (int) best[i] : ((int) best[i] + 1) % 6;
            }
            for (int chunkRows : new int[] {1, 4, 9}) {
                Tape.evaluate(tape -> {
                    TokenLogProbs values =
                            TokenLogProbs.of(tape, hidden, new VocabularyHead(head), targets, 0.5, chunkRows);
                    assertThat(values.correct().toDoubleArray()).containsExactly(1, 0, 1, 0, 1, 0, 1, 0, 1);
                    return values.logProb().sum();
                });
            }
        }));
    }

    @Test
    void uniformLogitsGiveTheLogarithmOfTheVocabulary() {
        // All logits 0: p = 1/8, log p = -ln 8, entropy = ln 8.
        Torch.run(() -> Scope.run(() -> {
            NDManager manager = Torch.manager();
            TokenLogProbs v = TokenLogProbs.forward(
                    manager.zeros(new Shape(1, 2)),
                    new VocabularyHead(manager.zeros(new Shape(8, 2))),
                    new int[] {5},
                    0.3);
            assertThat(v.logProb().toFloatArray()[0]).isCloseTo((float) -Math.log(8), within(1e-6f));
            assertThat(v.entropy().toFloatArray()[0]).isCloseTo((float) Math.log(8), within(1e-6f));
        }));
    }

    @Test
    void badArgumentsAreRefusedBeforeTheEngineSeesThem() {
        Torch.run(() -> Scope.run(() -> {
            NDArray hidden = normal(1, 2, 3);
            NDArray head = normal(2, 6, 3);
            refused(
                    () -> TokenLogProbs.forward(hidden, new VocabularyHead(head), new int[] {0, 6}, 1),
                    "target 1 is 6",
                    "6 tokens");
            refused(
                    () -> TokenLogProbs.forward(hidden, new VocabularyHead(head), new int[] {-1, 0}, 1),
                    "target 0 is -1");
            refused(
                    () -> TokenLogProbs.forward(hidden, new VocabularyHead(head), new int[] {0}, 1),
                    "1 targets for 2 positions");
            refused(
                    () -> TokenLogProbs.forward(hidden, new VocabularyHead(head), new int[] {0, 1}, 0),
                    "temperature is 0.0");
            refused(
                    () -> TokenLogProbs.forward(hidden, new VocabularyHead(normal(2, 6, 4)), new int[] {0, 1}, 1),
                    "(2, 3)",
                    "(6, 4)");
        }));
    }

    private static void refused(Runnable call, String... says) {
        assertThatThrownBy(call::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(says);
    }

    @Test
    void memoryDoesNotGrowWithPositionsTimesVocabulary() {
        // V = 49152: the logits of 2048 positions alone are 384 MiB, and a plain backward pass holds about three of
        // them. Resident memory is read from outside, so the bound leaves room for the allocator: about 165 MiB were
        // seen on a busy machine.
        JavaProcess.Result result = new JavaProcess()
                .option("-Xms64m")
                .option("-Xmx64m")
                .option("-XX:+UseSerialGC")
                .option("-XX:+AlwaysPreTouch")
                .run(HeadMemory.class, "2048", "49152");
        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(Long.parseLong(result.output().strip())).isBetween(1L << 20, 256L << 20);
    }

    private static void close(String what, NDArray actual, JsonNode expected) {
        float[] values = actual.toFloatArray();
        double[] wide =
                IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
        GradientCheck.assertClose(what, wide, Golden.doubles(expected), 1e-5);
    }

    private static NDArray matrix(JsonNode json) {
        float[] values = Golden.floats(json);
        long rows = json.size();
        Shape shape = json.get(0).isArray() ? new Shape(rows, values.length / rows) : new Shape(rows);
        return HostCopy.create(Torch.manager(), shape, values);
    }

    private static NDArray leaf(JsonNode json) {
        NDArray leaf = matrix(json);
        leaf.setRequiresGradient(true);
        return leaf;
    }

    private static NDArray normal(long seed, long... shape) {
        return HostCopy.create(Torch.manager(), new Shape(shape), GradientCheck.normal(seed, new Shape(shape)));
    }

    private static NDArray index(int[] ids) {
        return HostCopy.create(Torch.manager(), new Shape(ids.length), ids);
    }

    private static List<double[]> takeGradients(NDArray... leaves) {
        List<double[]> gradients = Stream.of(leaves)
                .map(leaf -> leaf.getGradient().toDoubleArray())
                .toList();
        FusedUpdates.zero(Stream.of(leaves).map(NDArray::getGradient).toList());
        return gradients;
    }
}
