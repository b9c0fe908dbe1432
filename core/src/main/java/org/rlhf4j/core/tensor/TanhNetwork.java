package org.rlhf4j.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A multi-layer perceptron with tanh between its layers, forward and backward in one call into the engine each. With small
 * layers calls and the nodes of a graph cost more than what they compute, so for each number of layers a script of both passes
 * is written and loaded once.
 *
 * <p>Used on the tensor thread.
 */
public final class TanhNetwork {
    private static final Map<Integer, Kernels> LOADED = new HashMap<>();

    private TanhNetwork() {}

    /**
     * What a pass gives.
     *
     * @param latent what went into the last layer, {@code [n, hidden]}; carries no gradient
     * @param outputs {@code [n, out]}; a leaf whose gradient flows into the weights in the tape's second phase
     */
    public record Result(NDArray latent, NDArray outputs) {}

    /**
     * {@code W_L tanh(... tanh(W_1 x + b_1) ...) + b_L}.
     *
     * @param x {@code [n, in]}; gets no gradient
     * @param layers weight {@code [out, in]} and bias {@code [out]} of each layer in turn, two layers or more
     * @param tape of this pass
     */
    public static Result forward(NDArray x, List<NDArray> layers, Tape tape) {
        Torch.requireTensorThread();
        int count = layers.size() / 2;
        if (count < 2 || layers.size() % 2 != 0) {
            throw new IllegalArgumentException(
                    layers.size() + " arrays are not weights and biases of two layers or more");
        }
        Kernels kernels = LOADED.computeIfAbsent(count, n -> new Kernels(type(n), source(n)));
        List<NDArray> arguments = new ArrayList<>(List.of(x));
        arguments.addAll(layers);
        NDList activations = Torch.withoutGradients(() -> call(kernels, "forward_pass", arguments));
        NDArray outputs = activations.get(count - 1);
        if (tape.recording()) {
            outputs.setRequiresGradient(true);
            tape.afterLoss(() -> backward(kernels, x, layers, activations, tape));
        }
        return new Result(activations.get(count - 2), outputs);
    }

    private static void backward(Kernels kernels, NDArray x, List<NDArray> layers, NDList activations, Tape tape) {
        int last = layers.size() / 2 - 1;
        NDArray gradient = Tape.gradient(activations.get(last));
        if (gradient == null) {
            return;
        }
        List<NDArray> arguments = new ArrayList<>(List.of(x, gradient));
        arguments.addAll(activations.subList(0, last));
        for (int i = 0; i < layers.size(); i += 2) {
            arguments.add(layers.get(i));
        }
        layers.forEach(layer -> arguments.add(tape.accumulator(layer)));
        Torch.withoutGradients(() -> call(kernels, "backward_pass", arguments));
    }

    private static NDList call(Kernels kernels, String method, List<NDArray> arguments) {
        return kernels.callAll(method, arguments.toArray(new NDArray[0]));
    }

    private static String type(int layers) {
        return "TanhNetwork" + layers;
    }

    private static String source(int layers) {
        return "class " + type(layers) + "(Module):\n"
                + "  __parameters__ = []\n"
                + "  __buffers__ = []\n"
                + "  training : bool\n"
                + forwardPass(layers)
                + backwardPass(layers);
    }

    /** For two layers: {@code a0 = tanh(W0 x + b0); a1 = W1 a0 + b1}. */
    private static String forwardPass(int layers) {
        StringBuilder signature = new StringBuilder();
        StringBuilder body = new StringBuilder();
        StringBuilder results = new StringBuilder();
        for (int i = 0; i < layers; i++) {
            signature.append(",\n    w%d: Tensor,\n    b%d: Tensor".formatted(i, i));
            String product = "torch.linear(%s, w%d, b%d)".formatted(input(i), i, i);
            body.append("    a%d = %s\n".formatted(i, i < layers - 1 ? "torch.tanh(" + product + ")" : product));
            results.append(i == 0 ? "a0" : ", a" + i);
        }
        return "  def forward_pass(self: __torch__.%s,\n    x: Tensor%s) -> Tuple[%s]:\n%s    return (%s)\n"
                .formatted(type(layers), signature, tensors(layers), body, results);
    }

    /** For each layer, the last one first: {@code dW += gᵀ a; db += sum(g); g = (g W) (1 - a²)}, with a what went in. */
    private static String backwardPass(int layers) {
        StringBuilder signature = new StringBuilder(",\n    g%d: Tensor".formatted(layers - 1));
        for (int i = 0; i < layers - 1; i++) {
            signature.append(",\n    a%d: Tensor".formatted(i));
        }
        for (int i = 0; i < layers; i++) {
            signature.append(",\n    w%d: Tensor".formatted(i));
        }
        StringBuilder body = new StringBuilder();
        for (int i = layers - 1; i >= 0; i--) {
            body.append("    _w%d = torch.addmm_(dw%d, torch.t(g%d), %s)\n".formatted(i, i, i, input(i)));
            body.append("    _b%d = torch.add_(db%d, torch.sum(g%d, [0]))\n".formatted(i, i, i));
            if (i > 0) {
                body.append("    g%d = torch.tanh_backward(torch.mm(g%d, w%d), a%d)\n".formatted(i - 1, i, i, i - 1));
            }
        }
        for (int i = 0; i < layers; i++) {
            signature.append(",\n    dw%d: Tensor,\n    db%d: Tensor".formatted(i, i));
        }
        return "  def backward_pass(self: __torch__.%s,\n    x: Tensor%s) -> Tuple[Tensor, Tensor]:\n%s    return (dw0, db0)\n"
                .formatted(type(layers), signature, body);
    }

    private static String input(int layer) {
        return layer == 0 ? "x" : "a" + (layer - 1);
    }

    private static String tensors(int count) {
        return "Tensor" + ", Tensor".repeat(count - 1);
    }
}
