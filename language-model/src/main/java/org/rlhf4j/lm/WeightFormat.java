package org.rlhf4j.lm;

import java.util.Arrays;
import java.util.List;
import org.rlhf4j.base.NearestName;
import org.rlhf4j.core.safetensors.DType;

/** How weights are stored in a file; in memory they are always float32. */
public enum WeightFormat {
    /** IEEE single precision: what training works in, stored without loss. */
    FLOAT32("float32", DType.F32),
    /** IEEE half precision: 11 bits of mantissa, nothing beyond 65504. */
    FLOAT16("float16", DType.F16),
    /** The upper half of a float32: its range with 8 bits of mantissa. */
    BFLOAT16("bfloat16", DType.BF16);

    private final String label;
    private final DType dtype;

    WeightFormat(String label, DType dtype) {
        this.label = label;
        this.dtype = dtype;
    }

    /** The name in {@code config.json} and on the command line. */
    public String label() {
        return label;
    }

    /** Bytes a weight. */
    public int bytes() {
        return dtype.bits() / Byte.SIZE;
    }

    DType dtype() {
        return dtype;
    }

    /** The format of an element type, which must be one of weights. */
    static WeightFormat of(DType dtype) {
        for (WeightFormat format : values()) {
            if (format.dtype == dtype) {
                return format;
            }
        }
        throw new IllegalArgumentException(
                dtype + " is no type of weights (known: " + String.join(", ", labels()) + ")");
    }

    /** The names of all formats. */
    public static List<String> labels() {
        return Arrays.stream(values()).map(WeightFormat::label).toList();
    }

    /**
     * The format of a name such as {@code bfloat16}.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static WeightFormat named(String label) {
        for (WeightFormat format : values()) {
            if (format.label.equals(label)) {
                return format;
            }
        }
        throw new IllegalArgumentException(NearestName.unknown("weight format", label, labels()));
    }
}
