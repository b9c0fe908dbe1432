package org.rlhf4j.control.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.rlhf4j.control.GoldenLines;

/** Against NumPy's own draws ({@code draws.py}). */
class GeneratorTest {
    @Test
    void rawBitsEqualNumPys() {
        everyLine("raw", (generator, argument) -> Long.toHexString(generator.nextLong()));
    }

    @Test
    void doublesEqualNumPys() {
        everyLine("double", (generator, argument) -> generator.nextDouble());
        everyLine("uniform", (generator, argument) -> generator.uniform(-0.6, -0.4));
    }

    @Test
    void normalNumbersEqualNumPys() {
        everyLine("normal", (generator, argument) -> generator.standardNormal());
    }

    @Test
    void exponentialNumbersEqualNumPys() {
        everyLine("exponential", (generator, argument) -> generator.standardExponential());
    }

    @Test
    void manyZigguratDrawsEqualNumPysTailsIncluded() {
        for (String[] line : lines("normal-checksum")) {
            Generator generator = new Generator(Long.parseLong(line[2]));
            assertThat(checksum(line, generator::standardNormal))
                    .as("seed %s", line[2])
                    .isEqualTo(line[3]);
        }
        for (String[] line : lines("exponential-checksum")) {
            Generator generator = new Generator(Long.parseLong(line[2]));
            assertThat(checksum(line, generator::standardExponential))
                    .as("seed %s", line[2])
                    .isEqualTo(line[3]);
        }
    }

    @Test
    void boundedIntegersOfOneStreamEqualNumPys() {
        List<String[]> lines = lines("integer");
        assertThat(lines).hasSize(63);
        Generator generator = new Generator(0);
        String seed = "";
        for (String[] line : lines) {
            if (!line[2].equals(seed)) {
                seed = line[2];
                generator.seed(Long.parseLong(seed));
            }
            for (int i = 3; i < line.length; i++) {
                assertThat(generator.integer(Integer.parseInt(line[1])))
                        .as("n %s, seed %s", line[1], seed)
                        .isEqualTo(Integer.parseInt(line[i]));
            }
        }
    }

    @Test
    void theHighHalfOfABoundedDrawWaitsWhileOthersDraw() {
        for (String[] line : lines("mixed")) {
            Generator generator = new Generator(Long.parseLong(line[2]));
            for (int i = 3; i < line.length; i += 4) {
                assertThat(Stream.of(
                                        (double) generator.integer(7),
                                        generator.nextDouble(),
                                        (double) generator.integer(7),
                                        generator.standardNormal())
                                .map(String::valueOf)
                                .map(Double::valueOf))
                        .containsExactly(
                                Double.valueOf(line[i]),
                                Double.valueOf(line[i + 1]),
                                Double.valueOf(line[i + 2]),
                                Double.valueOf(line[i + 3]));
            }
        }
    }

    @Test
    void aSeedStartsTheStreamAnewWhateverWasDrawn() {
        Generator generator = new Generator(5);
        int first = generator.integer(1000);
        generator.seed(5);
        assertThat(generator.integer(1000)).isEqualTo(first);
    }

    @Test
    void negativeSeedsAndEmptyRangesAreRefused() {
        assertThatThrownBy(() -> new Generator(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a seed must be 0 or greater, not -1");
        assertThatThrownBy(() -> new Generator(0).integer(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("n must be positive, not 0");
    }

    private static void everyLine(String what, Draw draw) {
        List<String[]> lines = lines(what);
        assertThat(lines).hasSize(9);
        for (String[] line : lines) {
            Generator generator = new Generator(Long.parseLong(line[2]));
            for (int i = 3; i < line.length; i++) {
                Object drawn = draw.from(generator, line[1]);
                Object expected = drawn instanceof Double ? Double.valueOf(line[i]) : line[i];
                assertThat(drawn).as("%s %d of seed %s", what, i - 3, line[2]).isEqualTo(expected);
            }
        }
    }

    private static List<String[]> lines(String what) {
        return GoldenLines.of("draws.txt", " ").stream()
                .filter(line -> line[0].equals(what))
                .toList();
    }

    private static String checksum(String[] line, Supplier<Double> draw) {
        return Long.toHexString(IntStream.range(0, Integer.parseInt(line[1]))
                .mapToLong(i -> Double.doubleToRawLongBits(draw.get()))
                .reduce(0, (a, b) -> a ^ b));
    }

    private interface Draw {
        Object from(Generator generator, String argument);
    }
}
