package org.rlhf4j.cli.train;

import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.tensor.EngineStartException;
import org.rlhf4j.core.tensor.Torch;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The option of every command that computes; it takes effect as it is read, before the engine starts. */
public final class DeviceOption {
    @Option(
            names = "--device",
            paramLabel = "auto|cpu|cuda|cuda:N",
            converter = Chosen.class,
            description =
                    "Where it computes: auto takes a GPU where there is one; a device that is named and not there is an"
                            + " error. Default: RLHF4J_DEVICE, or else auto. For a GPU see docs/gpu.md.")
    @Nullable
    String device;

    /** Chooses the device of the process. */
    private static final class Chosen implements ITypeConverter<String> {
        @Override
        public String convert(String device) {
            try {
                Torch.chooseDevice(device);
                return device;
            } catch (EngineStartException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
