package org.rlhf4j.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.testing.Leaks;
import org.rlhf4j.testing.Property;

class CompletionFiguresTest {
    /** A figure that is the token itself, so that a value in the wrong place shows. */
    private static NDArray ids(PaddedBatch batch) {
        int[] targets = batch.completionTargets();
        float[] values = new float[targets.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = targets[i];
        }
        return HostCopy.create(Torch.manager(), new Shape(values.length), values);
    }

    private static EncodedExample row(int prompt, int completion, int first) {
        int[] ids = new int[prompt + completion];
        Arrays.setAll(ids, i -> first + i);
        return new EncodedExample(ids, prompt);
    }

    /** Rows of very different lengths, so that there are several batches and none is in the order of the rows. */
    @Test
    void everyTokenGetsItsFigureWhateverTheBatches() {
        Property.forAll(
                30,
                draws -> draws.list(
                        1,
                        12,
                        each -> row(
                                each.between(1, 4),
                                each.flip() ? each.between(2000, 5000) : each.between(1, 9),
                                each.between(0, 1000))),
                rows -> {
                    List<Integer> sizes = new ArrayList<>();
                    float[][] figures = CompletionFigures.of(rows, batch -> {
                        sizes.add(batch.rows());
                        return ids(batch);
                    });
                    assertThat(sizes.stream().mapToInt(Integer::intValue).sum()).isEqualTo(rows.size());
                    for (int i = 0; i < rows.size(); i++) {
                        int[] ids = rows.get(i).ids();
                        int prompt = ids.length - rows.get(i).completionLength();
                        assertThat(figures[i]).hasSize(ids.length - prompt);
                        for (int t = 0; t < figures[i].length; t++) {
                            assertThat(figures[i][t]).isEqualTo(ids[prompt + t]);
                        }
                    }
                });
    }

    @Test
    void aFigureThatFailsSaysSo() {
        assertThatThrownBy(() -> CompletionFigures.of(List.of(row(0, 2, 1)), batch -> {
                    batch.completionPredictors();
                    return ids(batch);
                }))
                .hasMessage("row 0 has no prompt, not even a BOS token: nothing predicts its first token");
    }

    /** The states that predict the completion are the hidden states of the tokens before it, whatever the padding. */
    @Test
    void predictingStatesAreThoseOfTheTokensBefore() {
        ModelConfig config = TestModels.read(TestModels.config());
        try (Parameters weights = TestModels.weights(config, false)) {
            List<EncodedExample> rows = List.of(
                    new EncodedExample(new int[] {1, 2, 3, 4, 5}, 2),
                    new EncodedExample(new int[] {6, 7}, 1),
                    new EncodedExample(new int[] {8, 9, 10, 1}, 3));
            Torch.run(() -> Scope.run(() -> {
                Decoder decoder = new Decoder(config, weights);
                for (PaddedBatch.Side side : PaddedBatch.Side.values()) {
                    PaddedBatch batch = PaddedBatch.of(rows, side, 0);
                    NDArray states = decoder.predictingStates(batch);
                    assertThat(states.getShape()).isEqualTo(new Shape(5, 8));
                    float[] all = HostCopy.toFloats(states);
                    int at = 0;
                    for (EncodedExample row : rows) {
                        float[] alone = HostCopy.toFloats(decoder.hidden(PaddedBatch.of(List.of(row))));
                        for (int token = row.length() - row.completionLength() - 1; token < row.length() - 1; token++) {
                            assertThat(Arrays.copyOfRange(all, at * 8, at * 8 + 8))
                                    .containsExactly(
                                            Arrays.copyOfRange(alone, token * 8, token * 8 + 8), within(1e-5f));
                            at++;
                        }
                    }
                }
            }));
        }
    }

    @Test
    void aHeadThatKnowsNothingSaysZero() {
        try (Parameters weights = Torch.call(Parameters::new)) {
            ScalarHead head = ScalarHead.zero(weights, 8);
            assertThat(weights.names()).containsExactly(ScalarHead.WEIGHT);
            Torch.run(() -> Scope.run(() -> {
                NDArray states = Torch.manager().create(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, new Shape(1, 8));
                assertThat(head.of(states).toFloatArray()).containsExactly(0);
            }));
        }
    }

    /** Not even inside a pass whose gradients are wanted. */
    @Test
    void weightsInTrainingMakeNoGraphOfFigures() {
        ModelConfig config = TestModels.read(TestModels.config());
        try (Parameters weights = TestModels.weights(config, false)) {
            List<Boolean> graphs = new ArrayList<>();
            Torch.run(() -> {
                weights.setAllTrainable(true);
                Decoder decoder = new Decoder(config, weights);
                Tape.Loss loss = tape -> {
                    CompletionFigures.of(TestModels.rows(4, 6), batch -> {
                        NDArray sums = decoder.predictingStates(batch).sum(new int[] {1});
                        graphs.add(JniUtils.isGradMode());
                        return sums;
                    });
                    return decoder.predictingStates(PaddedBatch.of(TestModels.rows(4)))
                            .sum();
                };
                Tape.backward(loss, 1, value -> {});
            });
            assertThat(graphs).containsExactly(false);
        }
    }

    @Test
    void figuresKeepNoArrays() {
        List<EncodedExample> rows = List.of(row(1, 5, 0), row(2, 3, 7));
        Leaks.assertNone(Torch.manager(), 1, 5, () -> CompletionFigures.of(rows, CompletionFiguresTest::ids));
    }
}
