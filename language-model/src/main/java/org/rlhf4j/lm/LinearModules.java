package org.rlhf4j.lm;

import java.util.List;
import java.util.stream.IntStream;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.lm.lora.LinearModule;

/** The linear maps of a model's layers, which adapters may be put on: not its embeddings, not its head. */
final class LinearModules {
    private LinearModules() {}

    /** Those of a model, in the order of its layers. */
    static List<LinearModule> of(ModelConfig config, Parameters weights) {
        boolean transposed = config.design().transposed();
        return IntStream.range(0, config.sizes().layers())
                .mapToObj(layer -> TensorNames.projections(config, layer))
                .flatMap(List::stream)
                .map(module -> new LinearModule(module, weights.get(module + ".weight"), transposed))
                .toList();
    }
}
