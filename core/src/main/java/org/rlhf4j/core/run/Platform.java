package org.rlhf4j.core.run;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.rlhf4j.core.tensor.Torch;

/**
 * What computes: figures of two runs are comparable to the last bit only where all of this is equal.
 *
 * @param jdk version and vendor of the Java runtime
 * @param os name and version of the operating system
 * @param arch processor architecture
 * @param cpu name of the processor; empty where the system does not tell
 * @param processors logical processors visible to this process
 * @param djl version of DJL
 * @param pytorch version of PyTorch
 * @param device where tensors live
 * @param threads threads of one tensor operation
 */
public record Platform(
        String jdk,
        String os,
        String arch,
        String cpu,
        int processors,
        String djl,
        String pytorch,
        String device,
        int threads) {

    /** That of this process; starts the engine. */
    public static Platform current() {
        return Torch.call(() -> new Platform(
                Runtime.version() + " (" + System.getProperty("java.vendor") + ")",
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("os.arch"),
                processor(),
                Runtime.getRuntime().availableProcessors(),
                Engine.getDjlVersion(),
                Engine.getInstance().getVersion(),
                Torch.manager().getDevice().toString(),
                JniUtils.getNumThreads()));
    }

    private static String processor() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }
}
