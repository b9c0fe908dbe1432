package org.rlhf4j.core.safetensors;

/** Weights that a file must not receive: NaN, infinite, or too large for the element type asked for. */
public final class WeightRangeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String tensor;

    WeightRangeException(String tensor, String message) {
        super(message);
        this.tensor = tensor;
    }

    /** The tensor's name. */
    public String tensor() {
        return tensor;
    }
}
