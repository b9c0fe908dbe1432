package org.rlhf4j.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.TokenCrossEntropy;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.VocabularyHead;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.testing.GradientCheck;
import org.rlhf4j.testing.Property;

class PackingTest {
    private static EncodedExample example(int prompt, int... ids) {
        return new EncodedExample(ids, prompt);
    }

    /** Longest first: 5 fills a row, 3 and 2 the next, 3 stands alone. */
    @Test
    void everyExampleGoesIntoTheFirstRowWithRoomTheLongestFirst() {
        PaddedBatch packed = PaddedBatch.packed(List.of(
                example(1, 10, 11, 12), example(2, 20, 21, 22, 23, 24), example(1, 30, 31), example(1, 40, 41, 42)));
        assertThat(packed.isPacked()).isTrue();
        assertThat(packed.rows()).isEqualTo(3);
        assertThat(packed.width()).isEqualTo(5);
        assertThat(packed.ids()).containsExactly(20, 21, 22, 23, 24, 10, 11, 12, 30, 31, 40, 41, 42, 0, 0);
        assertThat(packed.positions()).containsExactly(0, 1, 2, 3, 4, 0, 1, 2, 0, 1, 0, 1, 2, 0, 0);
        assertThat(packed.beginnings()).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 3, 4);
        assertThat(packed.completionTargets()).containsExactly(22, 23, 24, 11, 12, 31, 41, 42);
        assertThat(packed.completionPredictors()).containsExactly(1, 2, 3, 5, 6, 8, 10, 11);
        assertThat(packed.lastIndices()).containsExactly(7, 4, 9, 12);
        assertThat(packed.tokens()).isEqualTo(13);
        assertThat(packed.completionTokens(2)).isEqualTo(1);
    }

    @Test
    void anExampleWithoutAPromptIsRefusedThoughAnotherStandsBeforeIt() {
        PaddedBatch packed = PaddedBatch.packed(List.of(example(1, 1, 2, 3), example(0, 4), example(1, 5, 6)));
        assertThatThrownBy(packed::completionPredictors).hasMessageContaining("nothing predicts its first token");
    }

    @Test
    void noExampleIsLostAndNoRowIsLongerThanTheLongest() {
        Property.forAll(draws -> draws.list(1, 20, each -> each.between(2, 30)), lengths -> {
            List<EncodedExample> rows =
                    TestModels.rows(lengths.stream().mapToInt(i -> i).toArray());
            PaddedBatch packed = PaddedBatch.packed(rows);
            assertThat(packed.tokens())
                    .isEqualTo(lengths.stream().mapToInt(i -> i).sum());
            assertThat(packed.width())
                    .isEqualTo(lengths.stream().mapToInt(i -> i).max().orElseThrow());
            assertThat(packed.rows()).isLessThanOrEqualTo(rows.size());
            long[] ids = packed.ids();
            for (int i = 0; i < rows.size(); i++) {
                int end = (int) packed.lastIndices()[i] + 1;
                int[] own = rows.get(i).ids();
                for (int k = 0; k < own.length; k++) {
                    assertThat(ids[end - own.length + k]).isEqualTo(own[k]);
                }
            }
        });
    }

    static Stream<ObjectNode> families() {
        return TestModels.configs().stream();
    }

    /** Rows below 64 columns and above take different attentions. */
    @ParameterizedTest
    @MethodSource("families")
    void lossAndGradientsAreThoseOfPaddedRows(ObjectNode json) {
        ModelConfig config = TestModels.read(json);
        for (int longest : new int[] {9, 70}) {
            List<EncodedExample> rows = TestModels.rows(4, longest, 3, 5, 2, 6, 3);
            Step padded = step(config, PaddedBatch.of(rows), false);
            for (boolean checkpointing : new boolean[] {false, true}) {
                Step packed = step(config, PaddedBatch.packed(rows), checkpointing);
                assertThat(packed.loss).isCloseTo(padded.loss, within(1e-10));
                padded.gradients.forEach((name, gradient) -> GradientCheck.assertClose(
                        name, Objects.requireNonNull(packed.gradients.get(name)), gradient, 1e-10));
            }
        }
    }

    private record Step(double loss, Map<String, double[]> gradients) {}

    private static Step step(ModelConfig config, PaddedBatch batch, boolean checkpointing) {
        try (Parameters weights = TestModels.weights(config, true)) {
            return Torch.call(() -> {
                weights.setAllTrainable(true);
                weights.setTrainable(TensorNames.SCORE, false);
                Decoder decoder = new Decoder(config, weights);
                double loss = Tape.backward(
                        tape -> TokenCrossEntropy.of(
                                        tape,
                                        decoder.predictingStates(batch),
                                        new VocabularyHead(weights.get(TensorNames.embedding(config))),
                                        batch.completionTargets())
                                .sum(),
                        1,
                        value -> {},
                        checkpointing);
                Map<String, double[]> gradients = new LinkedHashMap<>();
                for (String name : weights.trainableNames()) {
                    gradients.put(name, weights.get(name).getGradient().toDoubleArray());
                }
                return new Step(loss, gradients);
            });
        }
    }
}
