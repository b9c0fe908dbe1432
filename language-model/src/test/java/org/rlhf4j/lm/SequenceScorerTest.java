package org.rlhf4j.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.testing.Property;

class SequenceScorerTest {
    private record Case(List<Integer> lengths, boolean left, int padId) {}

    static Stream<ObjectNode> configs() {
        return TestModels.configs().stream();
    }

    /** Short rows and rows beyond 64 tokens, where the fused attention takes over, in one batch and each alone. */
    @ParameterizedTest
    @MethodSource("configs")
    void aScoreDependsNeitherOnNeighboursNorOnPadding(ObjectNode json) {
        ModelConfig config = TestModels.read(json);
        try (Parameters weights = TestModels.weights(config, false)) {
            Property.forAll(
                    20,
                    draws -> {
                        List<Integer> lengths = draws.list(1, 6, each -> each.between(1, 20));
                        if (draws.flip()) {
                            lengths.add(draws.between(65, 100));
                        }
                        return new Case(lengths, draws.flip(), draws.between(0, TestModels.VOCABULARY - 1));
                    },
                    each -> {
                        List<EncodedExample> rows = TestModels.rows(each.lengths.stream()
                                .mapToInt(Integer::intValue)
                                .toArray());
                        PaddedBatch.Side side = each.left ? PaddedBatch.Side.LEFT : PaddedBatch.Side.RIGHT;
                        float[] together =
                                DecoderParityTest.scores(config, weights, PaddedBatch.of(rows, side, each.padId));
                        for (int row = 0; row < rows.size(); row++) {
                            PaddedBatch single = PaddedBatch.of(List.of(rows.get(row)));
                            float alone = DecoderParityTest.scores(config, weights, single)[0];
                            assertThat((double) together[row])
                                    .isCloseTo(alone, within(1e-5 * Math.max(1, Math.abs(alone))));
                        }
                    });
        }
    }

    @Test
    void theScoreIsReadAtTheLastTokenAndAValueFromEachState() {
        Torch.run(() -> Scope.run(() -> {
            Parameters weights = new Parameters();
            weights.put(ScalarHead.WEIGHT, weights.manager().create(new float[] {1f, 10f}, new Shape(1, 2)));
            ScalarHead head = new ScalarHead(weights);
            // Hidden states (0, 0), (1, 1), ... so the value of column c of row r is 11 (3 r + c).
            float[] hidden = new float[12];
            for (int i = 0; i < 6; i++) {
                hidden[2 * i] = i;
                hidden[2 * i + 1] = i;
            }
            NDArray states = Torch.manager().create(hidden, new Shape(2, 3, 2));
            List<EncodedExample> rows = TestModels.rows(3, 1);
            assertThat(head.scores(states, PaddedBatch.of(rows)).toFloatArray()).containsExactly(22f, 33f);
            PaddedBatch left = PaddedBatch.of(rows, PaddedBatch.Side.LEFT, 0);
            assertThat(head.scores(states, left).toFloatArray()).containsExactly(22f, 55f);
            NDArray values = head.of(states.reshape(-1, 2));
            assertThat(values.getShape()).isEqualTo(new Shape(6));
            assertThat(values.toFloatArray()).containsExactly(0f, 11f, 22f, 33f, 44f, 55f);
            weights.close();
        }));
    }

    @Test
    void aFreshHeadHasTheVarianceAskedForAndFollowsItsSeed() {
        int hidden = 4000;
        List<float[]> drawn = new ArrayList<>();
        for (long seed : new long[] {1, 1, 2}) {
            try (Parameters weights = new Parameters()) {
                ScalarHead.create(weights, hidden, seed);
                drawn.add(Torch.call(() -> HostCopy.toFloats(weights.get(ScalarHead.WEIGHT))));
            }
        }
        assertThat(drawn.get(0)).isEqualTo(drawn.get(1)).isNotEqualTo(drawn.get(2));
        double sum = 0;
        double squares = 0;
        for (float value : drawn.get(0)) {
            sum += value;
            squares += (double) value * value;
        }
        // Variance 1/(H + 1). The mean of 4000 such numbers deviates by 1/4000, the variance by 1/4001 sqrt(2/4000):
        // 2.2 %.
        assertThat(sum / hidden).isCloseTo(0, within(4.0 / hidden));
        assertThat(squares / hidden * (hidden + 1)).isCloseTo(1, within(0.1));
    }

    @Test
    void idsAndLengthsOutOfRangeAreRefusedBeforeTheEngineSeesThem() {
        ModelConfig config = TestModels.read(TestModels.config());
        try (Parameters weights = TestModels.weights(config, false)) {
            PaddedBatch beyond = PaddedBatch.of(List.of(new EncodedExample(new int[] {1, 11}, 1)));
            assertThatThrownBy(() -> DecoderParityTest.scores(config, weights, beyond))
                    .hasMessage("token id 11 is outside 0..10");
            PaddedBatch padding = PaddedBatch.of(TestModels.rows(2, 1), PaddedBatch.Side.RIGHT, -1);
            assertThatThrownBy(() -> DecoderParityTest.scores(config, weights, padding))
                    .hasMessage("token id -1 is outside 0..10");
            PaddedBatch tooLong = PaddedBatch.of(TestModels.rows(129));
            assertThatThrownBy(() -> DecoderParityTest.scores(config, weights, tooLong))
                    .hasMessage("a sequence of 129 tokens is longer than the model's context of 128");
        }
    }

    @Test
    void weightsThatDoNotFitTheConfigurationAreRefused() {
        ModelConfig config = TestModels.read(TestModels.config());
        ModelConfig wider = TestModels.read(TestModels.config().put("intermediate_size", 13));
        ModelConfig biased = TestModels.read(TestModels.biasedConfig());
        try (Parameters weights = TestModels.weights(config, false)) {
            assertThatThrownBy(() -> new Decoder(wider, weights))
                    .hasMessage("weight model.layers.0.mlp.gate_proj.weight is (12, 8), should be (13, 8)");
            assertThatThrownBy(() -> new Decoder(biased, weights)).hasMessageContaining("self_attn.q_proj.bias");
        }
    }
}
