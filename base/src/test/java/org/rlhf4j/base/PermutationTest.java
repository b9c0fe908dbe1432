package org.rlhf4j.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.rlhf4j.testing.Property;

final class PermutationTest {
    @Test
    void theOrderIsThatOfTheDocumentedShuffle() {
        // From a second implementation, in Python.
        assertThat(Permutation.of(10, 42, 0)).containsExactly(4, 0, 6, 5, 8, 2, 9, 3, 7, 1);
        assertThat(Permutation.of(10, 42, 1)).containsExactly(8, 7, 6, 5, 3, 0, 9, 2, 4, 1);
        assertThat(Permutation.of(10, 43, 0)).containsExactly(9, 3, 1, 6, 2, 4, 7, 0, 8, 5);
        assertThat(Permutation.of(5, -1, 1L << 40)).containsExactly(1, 3, 2, 0, 4);
    }

    @Test
    void everyRowOccursOnce() {
        record Case(int n, long seed, long epoch) {}
        Property.forAll(
                300,
                draws -> new Case(draws.between(0, 500), draws.anyLong(), draws.between(0, 1000)),
                c -> assertThat(IntStream.of(Permutation.of(c.n, c.seed, c.epoch))
                                .sorted())
                        .containsExactlyElementsOf(
                                IntStream.range(0, c.n).boxed().toList()));
    }

    @Test
    void everyOrderOfFourIsEquallyLikelyOverEpochs() {
        Map<String, Integer> counts = new HashMap<>();
        for (int epoch = 0; epoch < 24_000; epoch++) {
            counts.merge(Arrays.toString(Permutation.of(4, 1, epoch)), 1, Integer::sum);
        }
        assertThat(counts).hasSize(24);
        ChiSquare.assertUniform(
                counts.values().stream().mapToInt(Integer::intValue).toArray());
    }

    @Test
    void everyOrderOfFourIsEquallyLikelyOverSeeds() {
        Map<String, Integer> counts = new HashMap<>();
        for (int seed = 0; seed < 24_000; seed++) {
            counts.merge(Arrays.toString(Permutation.of(4, seed, 0)), 1, Integer::sum);
        }
        ChiSquare.assertUniform(
                counts.values().stream().mapToInt(Integer::intValue).toArray());
    }

    @Test
    void nothingHasOneOrderAndLessIsRefused() {
        assertThat(Permutation.of(0, 1, 1)).isEmpty();
        assertThat(Permutation.of(1, 1, 1)).containsExactly(0);
        assertThatThrownBy(() -> Permutation.of(-1, 1, 1)).hasMessage("n is -1, must not be negative");
    }
}
