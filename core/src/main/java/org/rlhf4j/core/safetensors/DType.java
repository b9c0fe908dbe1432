package org.rlhf4j.core.safetensors;

import org.jspecify.annotations.Nullable;

/**
 * The element types of the safetensors format, under their names in the file and in the order of the reference
 * implementation (alignment, ascending).
 *
 * <p>All of them can be listed; only {@link #F32}, {@link #F16} and {@link #BF16} are read and written as weights.
 */
public enum DType {
    BOOL(8),
    F4(4),
    F6_E2M3(6),
    F6_E3M2(6),
    U8(8),
    I8(8),
    F8_E5M2(8),
    F8_E4M3(8),
    F8_E8M0(8),
    F8_E4M3FNUZ(8),
    F8_E5M2FNUZ(8),
    I16(16),
    U16(16),
    F16(16),
    BF16(16),
    I32(32),
    U32(32),
    F32(32),
    C64(64),
    F64(64),
    I64(64),
    U64(64);

    private final int bits;

    DType(int bits) {
        this.bits = bits;
    }

    /** Bits of one element; the 4- and 6-bit types are packed. */
    public int bits() {
        return bits;
    }

    /** Whether tensors of this type are read as weights and can be written. */
    public boolean isWeight() {
        return this == F32 || this == F16 || this == BF16;
    }

    /** The type of that exact name, or null: names are upper case in the format. */
    static @Nullable DType named(String name) {
        for (DType type : values()) {
            if (type.name().equals(name)) {
                return type;
            }
        }
        return null;
    }
}
