package org.rlhf4j.core.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.rlhf4j.base.SeededStream;

final class HalfPrecisionTest {

    @Test
    void everyF16PatternWidensToItsIeeeValue() {
        for (int pattern = 0; pattern < 1 << 16; pattern++) {
            int exponent = pattern >> 10 & 0x1f;
            int fraction = pattern & 0x3ff;
            double sign = pattern >> 15 == 0 ? 1 : -1;
            float value = HalfPrecision.f16ToFloat((short) pattern);
            if (exponent == 31) {
                // As objects, NaN equals NaN.
                assertThat(Float.valueOf(value))
                        .isEqualTo(Float.valueOf(fraction == 0 ? (float) (sign / 0.0) : Float.NaN));
            } else {
                // IEEE 754: (1 + fraction/1024) * 2^(exponent-15), without the leading 1 where the exponent is 0.
                double magnitude = exponent == 0
                        ? fraction / 1024.0 * Math.pow(2, -14)
                        : (1 + fraction / 1024.0) * Math.pow(2, exponent - 15);
                assertThat(value).isEqualTo((float) (sign * magnitude));
            }
        }
    }

    @Test
    void everyFinite16BitPatternSurvivesWideningAndNarrowing() {
        for (int pattern = 0; pattern < 1 << 16; pattern++) {
            short bits = (short) pattern;
            if (!Float.isNaN(HalfPrecision.f16ToFloat(bits))) {
                assertThat(HalfPrecision.floatToF16(HalfPrecision.f16ToFloat(bits)))
                        .isEqualTo(bits);
            }
            if (!Float.isNaN(HalfPrecision.bf16ToFloat(bits))) {
                assertThat(HalfPrecision.floatToBf16(HalfPrecision.bf16ToFloat(bits)))
                        .isEqualTo(bits);
            }
        }
    }

    @Test
    void nanStaysNan() {
        // 0x7f800001 is the NaN whose upper half alone would read as infinity.
        for (float nan : new float[] {Float.NaN, Float.intBitsToFloat(0x7f800001), Float.intBitsToFloat(0xff800001)}) {
            assertThat(HalfPrecision.f16ToFloat(HalfPrecision.floatToF16(nan))).isNaN();
            assertThat(HalfPrecision.bf16ToFloat(HalfPrecision.floatToBf16(nan)))
                    .isNaN();
        }
    }

    @Test
    void tiesGoToTheEvenNeighbour() {
        // Next to 1, binary16 steps by 2^-10 and bfloat16 by 2^-7: half a step up is a tie with the odd neighbour,
        // one and a half steps a tie between the odd one below and the even one above.
        assertThat(roundF16(1 + 0x1p-11f)).isEqualTo(1f);
        assertThat(roundF16(1 + 3 * 0x1p-11f)).isEqualTo(1 + 0x1p-9f);
        assertThat(roundBf16(1 + 0x1p-8f)).isEqualTo(1f);
        assertThat(roundBf16(1 + 3 * 0x1p-8f)).isEqualTo(1 + 0x1p-6f);
        // The smallest subnormal is 2^-24; half of it ties with zero.
        assertThat(roundF16(0x1p-25f)).isEqualTo(0f);
        assertThat(roundF16(3 * 0x1p-25f)).isEqualTo(0x1p-23f);
    }

    @Test
    void f16OverflowsFrom65520On() {
        // 65504 is the largest value and its step is 32: 65520 is the tie, which goes to the even (infinite) side.
        assertThat(roundF16(65519.996f)).isEqualTo(HalfPrecision.F16_MAX);
        assertThat(roundF16(65520f)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(roundF16(-70000f)).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(roundBf16(Float.MAX_VALUE)).isEqualTo(Float.POSITIVE_INFINITY);
    }

    @Test
    void narrowingPicksTheNearestOfTheTwoNeighbours() {
        SeededStream random = SeededStream.of(7, "halves");
        for (int i = 0; i < 200_000; i++) {
            float value = (float) (random.nextGaussian() * Math.pow(2, random.nextInt(40) - 25));
            if (Math.abs(value) < 65504) {
                short bits = HalfPrecision.floatToF16(value);
                assertNearest(value, HalfPrecision.f16ToFloat(bits), bits, HalfPrecision::f16ToFloat);
            }
            short bits = HalfPrecision.floatToBf16(value);
            assertNearest(value, HalfPrecision.bf16ToFloat(bits), bits, HalfPrecision::bf16ToFloat);
        }
    }

    private interface Widen {
        float apply(short bits);
    }

    private static void assertNearest(float value, float rounded, short bits, Widen widen) {
        double error = Math.abs((double) value - rounded);
        for (int step : new int[] {-1, 1}) {
            float neighbour = widen.apply((short) (bits + step));
            if (Float.isFinite(neighbour)) {
                assertThat(error).isLessThanOrEqualTo(Math.abs((double) value - neighbour));
            }
        }
    }

    private static float roundF16(float value) {
        return HalfPrecision.f16ToFloat(HalfPrecision.floatToF16(value));
    }

    private static float roundBf16(float value) {
        return HalfPrecision.bf16ToFloat(HalfPrecision.floatToBf16(value));
    }
}
