package org.rlhf4j.core.safetensors;

/**
 * The two 16-bit floating-point formats in plain bit arithmetic: IEEE 754 binary16 (1 sign, 5 exponent, 10 fraction
 * bits) and bfloat16 (the upper half of a float32). Widening is exact; narrowing rounds to nearest, ties to even.
 */
public final class HalfPrecision {
    /** The largest finite binary16 value. */
    public static final float F16_MAX = 65504f;

    private static final int F32_FRACTION_BITS = 23;
    private static final int F16_FRACTION_BITS = 10;
    private static final int SHIFT = F32_FRACTION_BITS - F16_FRACTION_BITS;
    private static final int QUIET_NAN_F16 = 0x7e00;

    private HalfPrecision() {}

    /** binary16 to float32, exactly; infinities and NaN stay what they are. */
    public static float f16ToFloat(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = (bits >>> F16_FRACTION_BITS) & 0x1f;
        int fraction = bits & 0x3ff;
        if (exponent == 0x1f) {
            return Float.intBitsToFloat(sign | 0x7f800000 | fraction << SHIFT);
        }
        if (exponent == 0) {
            // A subnormal (or zero) is fraction * 2^-24, which float32 holds exactly.
            float magnitude = fraction * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        return Float.intBitsToFloat(sign | (exponent + 112) << F32_FRACTION_BITS | fraction << SHIFT);
    }

    /**
     * float32 to the nearest binary16, ties to even; NaN becomes a quiet NaN of the same sign.
     *
     * @return the bits; an infinity when the magnitude rounds above {@link #F16_MAX} (from 65520 on)
     */
    public static short floatToF16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = (bits >>> 16) & 0x8000;
        float magnitude = Math.abs(value);
        if (Float.isNaN(value)) {
            return (short) (sign | QUIET_NAN_F16);
        }
        if (magnitude >= 65520f) {
            return (short) (sign | 0x7c00);
        }
        if (magnitude < 0x1p-14f) {
            // Subnormal: adding 0.5 leaves room for exactly the bits down to 2^-24, so float addition does the
            // rounding.
            int rounded = Float.floatToRawIntBits(magnitude + 0.5f) - Float.floatToRawIntBits(0.5f);
            return (short) (sign | rounded);
        }
        int rebiased = (bits & 0x7fffffff) - (112 << F32_FRACTION_BITS);
        return (short) (sign | roundToEven(rebiased, SHIFT));
    }

    /** bfloat16 to float32, exactly. */
    public static float bf16ToFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** float32 to the nearest bfloat16, ties to even; NaN stays a (quiet) NaN. */
    public static short floatToBf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) roundToEven(bits, 16);
    }

    /** The nearest bfloat16, ties to even, as a float32. */
    public static float roundedToBfloat16(float value) {
        return bf16ToFloat(floatToBf16(value));
    }

    /** Drops the lowest bits of an unsigned magnitude, rounding to nearest and ties to even; a carry raises the exponent. */
    private static int roundToEven(int bits, int drop) {
        int half = (1 << (drop - 1)) - 1;
        int odd = (bits >>> drop) & 1;
        return (bits + half + odd) >>> drop;
    }
}
