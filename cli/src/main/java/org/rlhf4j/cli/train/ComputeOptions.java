package org.rlhf4j.cli.train;

import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.core.tensor.Precision;
import org.rlhf4j.core.tensor.Torch;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that uses a model as it is. */
public final class ComputeOptions {
    @Mixin
    DeviceOption device = new DeviceOption();

    @Option(
            names = "--dtype",
            paramLabel = "float32|bfloat16",
            defaultValue = "float32",
            description =
                    "What weights are kept and computed in: bfloat16 takes half the memory and rounds to 8 bits. Default:"
                            + " ${DEFAULT-VALUE}.")
    private Dtype dtype = Dtype.FLOAT32;

    /**
     * What was asked for.
     *
     * @param terminal is told of a GPU, where one computes
     */
    public Precision precision(Terminal terminal) {
        if (Torch.onGpu()) {
            terminal.note("%s", Torch.describe());
        }
        return dtype.frozen();
    }
}
