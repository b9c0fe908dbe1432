package org.rlhf4j.control.random;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.rlhf4j.base.ExactNumbers;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;

/**
 * NumPy's {@code PCG64}: a linear congruential generator of 128 bits whose output is a permutation of its state (PCG XSL RR
 * 128/64, O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for Random Number
 * Generation", 2014).
 */
final class Pcg64 {
    private static final long MULTIPLIER_HIGH = 0x2360ED051FC65DA4L;
    private static final long MULTIPLIER_LOW = 0x4385DF649FCCF645L;

    private long high;
    private long low;
    private long incrementHigh;
    private long incrementLow;
    private boolean halfIsLeft;
    private int half;

    /** Starts anew from the four words of a seed: the state's high and low half, then those of the increment. */
    void start(long[] words) {
        incrementHigh = words[2] << 1 | words[3] >>> 63;
        incrementLow = words[3] << 1 | 1;
        high = 0;
        low = 0;
        halfIsLeft = false;
        advance();
        low += words[1];
        high += words[0] + carry(low, words[1]);
        advance();
    }

    /** The next 64 bits. */
    long nextLong() {
        advance();
        return Long.rotateRight(high ^ low, (int) (high >>> 58));
    }

    /** The next 32 bits: the low half of 64, then their high half. */
    int nextInt() {
        if (halfIsLeft) {
            halfIsLeft = false;
            return half;
        }
        long bits = nextLong();
        halfIsLeft = true;
        half = (int) (bits >>> 32);
        return (int) bits;
    }

    /** The state under the names of NumPy's {@code bit_generator.state}, words of 128 bits in two halves. */
    ObjectNode saved() {
        return Json.object()
                .put("state_high", ExactNumbers.hex(high))
                .put("state_low", ExactNumbers.hex(low))
                .put("inc_high", ExactNumbers.hex(incrementHigh))
                .put("inc_low", ExactNumbers.hex(incrementLow))
                .put("has_uint32", halfIsLeft)
                .put("uinteger", half);
    }

    void restore(JsonFields saved) {
        high = ExactNumbers.bits(saved, "state_high");
        low = ExactNumbers.bits(saved, "state_low");
        incrementHigh = ExactNumbers.bits(saved, "inc_high");
        incrementLow = ExactNumbers.bits(saved, "inc_low");
        halfIsLeft = saved.bool("has_uint32");
        half = saved.int32("uinteger");
    }

    private void advance() {
        long productLow = low * MULTIPLIER_LOW;
        long productHigh = unsignedMultiplyHigh(low, MULTIPLIER_LOW) + high * MULTIPLIER_LOW + low * MULTIPLIER_HIGH;
        low = productLow + incrementLow;
        high = productHigh + incrementHigh + carry(low, incrementLow);
    }

    /** 1 if the sum overflowed when the summand was added. */
    private static int carry(long sum, long summand) {
        return Long.compareUnsigned(sum, summand) < 0 ? 1 : 0;
    }

    private static long unsignedMultiplyHigh(long a, long b) {
        return Math.multiplyHigh(a, b) + (a >> 63 & b) + (b >> 63 & a);
    }
}
