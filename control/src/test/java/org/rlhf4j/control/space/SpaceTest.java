package org.rlhf4j.control.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlhf4j.control.GoldenLines;

/** Samples against Gymnasium's ({@code draws.py}), the rest by hand. */
class SpaceTest {
    private static final float INFINITY = Float.POSITIVE_INFINITY;

    @Test
    void discreteSamplesEqualGymnasiums() {
        List<String[]> lines = lines("Discrete");
        assertThat(lines).hasSize(12);
        for (String[] line : lines) {
            String[] numbers = line[1].split(",", -1);
            Discrete space = new Discrete(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
            space.seed(Long.parseLong(line[2]));
            for (int i = 3; i < line.length; i++) {
                assertThat(space.sample()).as("%s, seed %s", space, line[2]).isEqualTo(Integer.valueOf(line[i]));
            }
        }
    }

    @Test
    void boxSamplesOfEveryKindOfBoundEqualGymnasiums() {
        List<String[]> lines = lines("Box");
        assertThat(lines).hasSize(3);
        Box space = new Box(
                new float[] {-INFINITY, 0, -INFINITY, -1, 2, -INFINITY},
                new float[] {INFINITY, INFINITY, 3, 1, 2.5f, INFINITY});
        for (String[] line : lines) {
            space.seed(Long.parseLong(line[2]));
            for (int i = 3; i < line.length; i += 6) {
                float[] sample = space.sample();
                for (int j = 0; j < 6; j++) {
                    assertThat((double) sample[j]).as("seed %s", line[2]).isEqualTo(Double.parseDouble(line[i + j]));
                }
                assertThat(space.contains(sample)).isTrue();
            }
        }
    }

    @Test
    void aSpaceThatWasNeverSeededStartsFromZero() {
        Box fresh = new Box(-1, 1, 3);
        Box seeded = new Box(-1, 1, 3);
        seeded.seed(0);
        assertThat(fresh.sample()).containsExactly(seeded.sample());
    }

    @Test
    void discreteHoldsItsNumbersAndNoOthers() {
        Discrete space = new Discrete(3, -1);
        assertThat(List.of(-1, 0, 1)).allMatch(space::contains);
        assertThat(List.of(-2, 2, Integer.MIN_VALUE, Integer.MAX_VALUE)).noneMatch(space::contains);
        assertThat(new Discrete(Integer.MAX_VALUE, -5).contains(Integer.MAX_VALUE))
                .isFalse();
    }

    @Test
    void boxHoldsItsBoundsButNeitherNaNNorOtherSizes() {
        Box space = new Box(new float[] {-1, -INFINITY}, new float[] {1, INFINITY});
        assertThat(space.contains(new float[] {-1, 1e30f})).isTrue();
        assertThat(space.contains(new float[] {1, INFINITY})).isTrue();
        assertThat(space.contains(new float[] {1.0000001f, 0})).isFalse();
        assertThat(space.contains(new float[] {0, Float.NaN})).isFalse();
        assertThat(space.contains(new float[] {0})).isFalse();
    }

    @Test
    void boxClipsToItsBounds() {
        Box space = new Box(new float[] {-1, 0}, new float[] {1, INFINITY});
        assertThat(space.clip(new float[] {-7, 3})).containsExactly(-1, 3);
        assertThat(space.clip(new float[] {0.5f, -INFINITY})).containsExactly(0.5f, 0);
        assertThat(space.clip(new float[] {Float.NaN, 0})[0]).isNaN();
        assertThatThrownBy(() -> space.clip(new float[1]))
                .hasMessage("Box([-1.0, 0.0], [1.0, Infinity], (2,), float32) cannot clip a vector of 1 elements");
    }

    @Test
    void theBoundsOfABoxCannotBeChangedFromOutside() {
        float[] low = {0};
        Box space = new Box(low, new float[] {1});
        low[0] = -5;
        space.low()[0] = -5;
        space.high()[0] = 5;
        assertThat(space.low()).containsExactly(0);
        assertThat(space.high()).containsExactly(1);
    }

    @Test
    void spacesAreEqualByTheirValues() {
        assertThat(new Discrete(3))
                .isEqualTo(new Discrete(3, 0))
                .hasSameHashCodeAs(new Discrete(3, 0))
                .isNotEqualTo(new Discrete(3, 1))
                .isNotEqualTo(new Discrete(2))
                .isNotEqualTo(new Box(0, 1, 1));
        Box drawnFrom = new Box(-1, 1, 2);
        drawnFrom.sample();
        assertThat(new Box(-1, 1, 2))
                .isEqualTo(drawnFrom)
                .hasSameHashCodeAs(drawnFrom)
                .isNotEqualTo(new Box(-1, 1, 1))
                .isNotEqualTo(new Box(-1, 2, 2))
                .isNotEqualTo(new Box(-2, 1, 2));
    }

    @Test
    void spacesAreWrittenAsGymnasiumWritesThem() {
        assertThat(new Discrete(2)).hasToString("Discrete(2)");
        assertThat(new Discrete(3, 1)).hasToString("Discrete(3, start=1)");
        assertThat(new Box(-1, 1, 1)).hasToString("Box(-1.0, 1.0, (1,), float32)");
        assertThat(new Box(new float[] {-1, 0}, new float[] {2, 2}))
                .hasToString("Box([-1.0, 0.0], 2.0, (2,), float32)");
    }

    @Test
    void spacesWithoutValuesAreRefused() {
        refused(() -> new Discrete(0), "Discrete: n must be positive, not 0");
        refused(
                () -> new Discrete(2, Integer.MAX_VALUE),
                "Discrete: 2 numbers from 2147483647 on are too large for int");
        refused(() -> new Box(0, 1, 0), "Box: needs as many lower as upper bounds, at least one; there are 0 and 0");
        refused(
                () -> new Box(new float[2], new float[1]),
                "Box: needs as many lower as upper bounds, at least one; there are 2 and 1");
        refused(
                () -> new Box(new float[] {0, 1}, new float[] {1, 0}),
                "Box: no number lies between the bounds 1.0 and 0.0 of element 1");
        refused(() -> new Box(Float.NaN, 1, 1), "Box: no number lies between the bounds NaN and 1.0 of element 0");
        refused(
                () -> new Box(INFINITY, INFINITY, 1),
                "Box: no number lies between the bounds Infinity and Infinity of element 0");
        refused(() -> new Discrete(2).seed(-1), "a seed must be 0 or greater, not -1");
    }

    private static void refused(Runnable action, String message) {
        assertThatThrownBy(action::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static List<String[]> lines(String what) {
        return GoldenLines.of("draws.txt", " ").stream()
                .filter(line -> line[0].equals(what))
                .toList();
    }
}
