package org.rlhf4j.core.tensor;

import ai.djl.Device;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which device computes: what was asked for, or else a GPU where there is one. Never another one than was asked for. */
final class DeviceChoice {
    /** What a person may say. */
    static final String VALUES = "auto, cpu, cuda or cuda:N";

    /** The system property that holds it. */
    static final String PROPERTY = "rlhf4j.device";

    private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,3}))?");

    private final String wanted;

    /**
     * A choice.
     *
     * @param wanted what was asked for; {@code auto} where it is null or blank
     * @throws EngineStartException if it is no device
     */
    DeviceChoice(@Nullable String wanted) {
        this.wanted =
                wanted == null || wanted.isBlank() ? "auto" : wanted.strip().toLowerCase(Locale.ROOT);
        if (!this.wanted.equals("auto")
                && !this.wanted.equals("cpu")
                && !CUDA.matcher(this.wanted).matches()) {
            throw new EngineStartException(
                    "the device is \"" + wanted + "\": give " + VALUES + " (--device, RLHF4J_DEVICE)");
        }
    }

    /** Of the property {@code rlhf4j.device}, or else of the variable {@code RLHF4J_DEVICE}. */
    static DeviceChoice ofSettings() {
        return new DeviceChoice(System.getProperty(PROPERTY, System.getenv("RLHF4J_DEVICE")));
    }

    /**
     * The device.
     *
     * @param library what the engine was built with
     * @param answers whether the GPU of a number can be computed on
     * @throws EngineStartException if a GPU was asked for that is not there
     */
    Device of(Library library, IntPredicate answers) {
        if (wanted.equals("cpu")) {
            return Device.cpu();
        }
        if (wanted.equals("auto")) {
            return library.cuda() && answers.test(0) ? Device.gpu(0) : Device.cpu();
        }
        int number = number();
        if (!library.cuda()) {
            throw new EngineStartException(
                    "the device is \"" + wanted + "\", but this PyTorch library computes on processors"
                            + " only: point PYTORCH_LIBRARY_PATH to a libtorch " + TorchLibrary.VERSION
                            + " for CUDA (docs/gpu.md), or give --device cpu");
        }
        if (!answers.test(number)) {
            throw new EngineStartException("the device is \"" + wanted + "\", but the engine finds no GPU of number "
                    + number + ": see which ones nvidia-smi lists, or give --device cpu");
        }
        return Device.gpu(number);
    }

    /** Whether the device may be one that computes already. */
    boolean admits(Device device) {
        return wanted.equals("auto") || device.equals(wanted.equals("cpu") ? Device.cpu() : Device.gpu(number()));
    }

    private int number() {
        Matcher matcher = CUDA.matcher(wanted);
        return Optional.of(matcher)
                .filter(Matcher::matches)
                .map(each -> each.group(1))
                .map(Integer::parseInt)
                .orElse(0);
    }

    /** What the engine was built with. */
    record Library(boolean cuda) {}
}
