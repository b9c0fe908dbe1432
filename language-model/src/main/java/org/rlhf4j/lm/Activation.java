package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.rlhf4j.base.NearestName;
import org.rlhf4j.core.tensor.TorchOps;

/** What an MLP does to each of its inner numbers. */
public enum Activation {
    /** {@code x sigmoid(x)}. */
    SILU(List.of("silu", "swish")),
    /** {@code x Φ(x)} by the error function (arXiv:1606.08415). */
    GELU(List.of("gelu", "gelu_python")),
    /** The same by tanh: {@code 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x³)))}. */
    GELU_TANH(List.of("gelu_pytorch_tanh", "gelu_new", "gelu_fast")),
    /** {@code max(x, 0)}. */
    RELU(List.of("relu")),
    /** The hyperbolic tangent. */
    TANH(List.of("tanh"));

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> labels;

    Activation(List<String> labels) {
        this.labels = labels;
    }

    /** Applies it to every number. */
    NDArray apply(NDArray x) {
        return switch (this) {
            case SILU -> TorchOps.silu(x);
            case GELU -> TorchOps.gelu(x);
            case GELU_TANH -> TorchOps.geluTanh(x);
            case RELU -> TorchOps.relu(x);
            case TANH -> x.tanh();
        };
    }

    /** {@code activation(gate) * up}. */
    NDArray gated(NDArray gate, NDArray up) {
        return this == SILU ? TorchOps.swiGlu(gate, up) : apply(gate).mul(up);
    }

    /**
     * The activation of a name in {@code config.json}.
     *
     * @throws IllegalArgumentException if it is not known, with the nearest and all known names
     */
    static Activation named(String label) {
        for (Activation activation : values()) {
            if (activation.labels.contains(label)) {
                return activation;
            }
        }
        List<String> known =
                List.of(values()).stream().flatMap(each -> each.labels.stream()).toList();
        throw new IllegalArgumentException(NearestName.unknown("activation", label, known));
    }
}
