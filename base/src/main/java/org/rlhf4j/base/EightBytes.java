package org.rlhf4j.base;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Eight bytes looked at together as one number: what a search in long arrays costs an eighth of. */
final class EightBytes {
    private static final VarHandle VIEW = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long ONES = 0x0101010101010101L;
    private static final long TOPS = ONES << 7;

    private EightBytes() {}

    /** The bytes from a place on. */
    static long at(byte[] bytes, int index) {
        return (long) VIEW.get(bytes, index);
    }

    /** A character of ASCII eight times. */
    static long all(char c) {
        return c * ONES;
    }

    /** Not 0 if and only if one of the bytes is a character, which is there eight times. */
    static long equal(long eight, long characters) {
        // A byte of 0 is the one that borrows when 1 is subtracted and has no top bit itself.
        return below(eight ^ characters, ONES);
    }

    /** Not 0 if and only if one of the bytes is ASCII and below a character, which is there eight times. */
    static long below(long eight, long characters) {
        return (eight - characters) & ~eight & TOPS;
    }

    /** Not 0 if and only if one of the bytes is beyond ASCII. */
    static long beyondAscii(long eight) {
        return eight & TOPS;
    }
}
