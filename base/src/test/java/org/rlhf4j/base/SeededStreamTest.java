package org.rlhf4j.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Golden values come from a second implementation, in Python with unbounded integers, of the documented algorithm. */
final class SeededStreamTest {
    @Test
    void seed1234567GivesThePublishedSplitMix64Sequence() {
        assertThat(unsigned(SeededStream.of(1234567), 5))
                .containsExactly(
                        "6457827717110365317",
                        "3203168211198807973",
                        "9817491932198370423",
                        "4593380528125082431",
                        "16408922859458223821");
    }

    @Test
    void childrenAreThoseOfTheDocumentedMixing() {
        assertThat(unsigned(SeededStream.of(42, "sampling"), 3))
                .containsExactly("12636754369581344852", "15921275654803190723", "1725289639994475483");
        assertThat(unsigned(SeededStream.of(42).child("größe").child(7).child(-1), 2))
                .containsExactly("5477805124349192375", "10187025736986174678");
    }

    @Test
    void aPathIsTheSameInOneCallOrMany() {
        assertThat(SeededStream.of(5, "a", "b").nextLong())
                .isEqualTo(SeededStream.of(5).child("a").child("b").nextLong());
        assertThat(SeededStream.of(5, 1, 2).nextLong())
                .isEqualTo(SeededStream.of(5).child(1).child(2).nextLong());
    }

    @Test
    void aChildDoesNotDependOnWhatItsParentDrew() {
        SeededStream parent = SeededStream.of(9);
        long before = parent.child("x").nextLong();
        parent.nextLong();
        parent.nextGaussian();
        assertThat(parent.child("x").nextLong()).isEqualTo(before);
    }

    @Test
    void smallSeedsAndIdsNeverMeet() {
        // 64 x 64 x 2 orders: two of 8192 random 64-bit numbers meet with a probability of 2e-12.
        Set<Long> firsts = new HashSet<>();
        for (long seed = 0; seed < 64; seed++) {
            firsts.add(SeededStream.of(seed).nextLong());
            for (long id = 0; id < 64; id++) {
                firsts.add(SeededStream.of(seed).child(id).nextLong());
                firsts.add(SeededStream.of(seed).child(id).child(seed + 1).nextLong());
            }
        }
        assertThat(firsts).hasSize(64 + 2 * 64 * 64);
    }

    @Test
    void boundedNumbersAreThoseOfTheDocumentedRejection() {
        SeededStream small = SeededStream.of(1);
        int[] digits = new int[10];
        Arrays.setAll(digits, i -> small.nextInt(10));
        assertThat(digits).containsExactly(5, 7, 9, 4, 4, 7, 8, 5, 2, 7);

        // 2^32 mod 1610612736 = 2^30: a quarter of the draws is rejected.
        SeededStream large = SeededStream.of(7);
        int[] numbers = new int[8];
        Arrays.setAll(numbers, i -> large.nextInt(1610612736));
        assertThat(numbers).containsExactly(LARGE_NUMBERS);
        assertThat(unsigned(large, 1)).containsExactly(AFTER_LARGE_NUMBERS);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 10, 16, 100, 1000})
    void boundedNumbersAreEquallyLikely(int bound) {
        SeededStream stream = SeededStream.of(11, "uniform");
        int[] counts = new int[bound];
        int draws = 1000 * bound;
        for (int i = 0; i < draws; i++) {
            counts[stream.nextInt(bound)]++;
        }
        ChiSquare.assertUniform(counts);
    }

    @Test
    void aBoundThatRejectsAQuarterIsStillUniform() {
        SeededStream stream = SeededStream.of(12);
        int[] counts = new int[12];
        for (int i = 0; i < 60_000; i++) {
            counts[stream.nextInt(1610612736) / (1610612736 / 12)]++;
        }
        ChiSquare.assertUniform(counts);
    }

    @Test
    void aBoundMustBePositive() {
        assertThatThrownBy(() -> SeededStream.of(1).nextInt(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bound is 0, must be positive");
        assertThatThrownBy(() -> SeededStream.of(1).nextInt(-5)).hasMessage("bound is -5, must be positive");
        assertThat(SeededStream.of(1).nextInt(1)).isZero();
        assertThat(SeededStream.of(1).nextInt(Integer.MAX_VALUE)).isNotNegative();
    }

    @Test
    void doublesAreThoseOfTheDocumentedFormula() {
        SeededStream stream = SeededStream.of(1);
        assertThat(new double[] {stream.nextDouble(), stream.nextDouble(), stream.nextDouble()})
                .containsExactly(0.5665615751722809, 0.7457817572627011, 0.9710027535867962);
    }

    @Test
    void doublesAreUniformFromZeroToOne() {
        SeededStream stream = SeededStream.of(3);
        int[] counts = new int[64];
        for (int i = 0; i < 64_000; i++) {
            double value = stream.nextDouble();
            assertThat(value).isGreaterThanOrEqualTo(0).isLessThan(1);
            counts[(int) (64 * value)]++;
        }
        ChiSquare.assertUniform(counts);
    }

    @Test
    void gaussiansAreThoseOfTheDocumentedFormula() {
        SeededStream stream = SeededStream.of(1);
        for (double expected :
                new double[] {-0.034267321791851144, -2.5000674933698677, 0.08772246831488635, -2.0271348479598177}) {
            // StrictMath and another mathematical library may differ in the last bits of the cosine.
            assertThat(stream.nextGaussian()).isCloseTo(expected, within(1e-14));
        }
    }

    @Test
    void gaussiansHaveTheMomentsOfTheNormalDistribution() {
        int n = 200_000;
        SeededStream stream = SeededStream.of(4);
        double[] sums = new double[4];
        int beyondTwo = 0;
        for (int i = 0; i < n; i++) {
            double z = stream.nextGaussian();
            for (int k = 0; k < 4; k++) {
                sums[k] += Math.pow(z, k + 1);
            }
            beyondTwo += Math.abs(z) > 2 ? 1 : 0;
        }
        // Five standard errors: those of z, z^2, z^3, z^4 are sqrt(1, 2, 15, 96) / sqrt(n).
        double error = 5 / Math.sqrt(n);
        assertThat(sums[0] / n).isCloseTo(0, within(error));
        assertThat(sums[1] / n).isCloseTo(1, within(error * Math.sqrt(2)));
        assertThat(sums[2] / n).isCloseTo(0, within(error * Math.sqrt(15)));
        assertThat(sums[3] / n).isCloseTo(3, within(error * Math.sqrt(96)));
        assertThat(beyondTwo / (double) n).isCloseTo(0.0455003, within(error * 0.21));
    }

    @Test
    void neighbouringChildrenAreNotCorrelated() {
        int n = 50_000;
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += SeededStream.of(8).child(i).nextGaussian()
                    * SeededStream.of(8).child(i + 1).nextGaussian();
        }
        assertThat(sum / n).isCloseTo(0, within(5 / Math.sqrt(n)));
    }

    private static final int[] LARGE_NUMBERS = {
        627864757, 27039440, 728708678, 401737586, 753691068, 528404574, 216238125, 665410796
    };
    private static final String AFTER_LARGE_NUMBERS = "1910343844960271083";

    private static String[] unsigned(SeededStream stream, int count) {
        String[] numbers = new String[count];
        Arrays.setAll(numbers, i -> Long.toUnsignedString(stream.nextLong()));
        return numbers;
    }
}
