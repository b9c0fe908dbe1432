package org.rlhf4j.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.testing.Golden;
import org.rlhf4j.testing.Property;

class PlackettLuceTest {
    @Test
    void lossesAndGradientsEqualTheReference() {
        for (JsonNode golden : Golden.cases("loss/reward", "rankings")) {
            double[] scores = Golden.doubles(golden.get("scores"));
            int[] ranks = IntStream.rangeClosed(1, scores.length).toArray();
            Torch.run(() -> Scope.run(() -> {
                NDArray array = Torch.manager().create(scores);
                array.setRequiresGradient(true);
                double loss = Tape.backward(
                        tape -> PlackettLuce.perRanking(array, List.of(ranks)).sum(), 1, value -> {});
                String name = golden.get("name").asText();
                assertThat(loss).as(name).isCloseTo(golden.get("loss").doubleValue(), within(1e-6));
                assertThat(array.getGradient().toDoubleArray())
                        .as(name)
                        .containsExactly(Golden.doubles(golden.get("gradient")), within(1e-6));
            }));
        }
    }

    @Test
    void threeByHand() {
        // scores 1, 0.5, -0.5: log(e^1 + e^0.5 + e^-0.5) - 1 = 0.604131; log(e^0.5 + e^-0.5) - 0.5 = 0.313262
        assertThat(losses(List.of(new int[] {1, 2, 3}), 1, 0.5, -0.5)[0]).isCloseTo(0.917392, within(1e-6));
    }

    @Test
    void twoCompletionsAreAPair() {
        Property.forAll(
                draws -> new double[] {draws.between(-30.0, 30.0), draws.between(-30.0, 30.0)},
                scores -> assertThat(losses(List.of(new int[] {1, 2}), scores)[0])
                        .isCloseTo(Math.log1p(Math.exp(scores[1] - scores[0])), within(1e-9)));
    }

    @Test
    void aShorterNeighbourChangesNothing() {
        double alone = losses(List.of(new int[] {1, 2, 3}), 0.3, -1, 2)[0];
        double[] together = losses(List.of(new int[] {1, 2}, new int[] {1, 2, 3}), 7, 8, 0.3, -1, 2);
        assertThat(together[1]).isEqualTo(alone);
        assertThat(together[0]).isCloseTo(Math.log1p(Math.exp(1)), within(1e-9));
    }

    @Test
    void theOrderInWhichCompletionsAreListedDoesNotMatter() {
        double inOrder = losses(List.of(new int[] {1, 2, 3}), 0.3, -1, 2)[0];
        double shuffled = losses(List.of(new int[] {3, 1, 2}), 2, 0.3, -1)[0];
        assertThat(shuffled).isCloseTo(inOrder, within(1e-12));
    }

    @Test
    void tiedCompletionsAreNotComparedWithEachOther() {
        // ranks 1, 1, 2 with scores 2, -3, 0: log(e^2 + e^0) - 2 and log(e^-3 + e^0) + 3, nothing between 2 and -3
        double expected = Math.log1p(Math.exp(-2)) + Math.log1p(Math.exp(3));
        assertThat(losses(List.of(new int[] {1, 1, 2}), 2, -3, 0)[0]).isCloseTo(expected, within(1e-9));
        assertThat(losses(List.of(new int[] {1, 1}), 2, -3)[0]).isZero();
    }

    @Test
    void lengthsThatDoNotAddUpAreRefused() {
        assertThatThrownBy(() -> losses(List.of(new int[] {1, 2}), 1, 2, 3)).hasMessageContaining("2 entries");
        assertThatThrownBy(() -> losses(List.of(new int[] {}))).hasMessageContaining("at least 1 completion");
    }

    private static double[] losses(List<int[]> ranks, double... scores) {
        return Torch.call(() -> Scope.call(() ->
                PlackettLuce.perRanking(Torch.manager().create(scores), ranks).toDoubleArray()));
    }
}
