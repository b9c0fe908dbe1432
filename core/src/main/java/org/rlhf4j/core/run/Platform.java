package org.rlhf4j.core.run;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import org.rlhf4j.core.tensor.Torch;

/**
 * What computes: figures of two runs are comparable to the last bit only where all of this is equal.
 *
 * @param jdk version and vendor of the Java runtime
 * @param os name and version of the operating system
 * @param arch processor architecture
 * @param processors logical processors visible to this process
 * @param djl version of DJL
 * @param pytorch version of PyTorch
 * @param device where tensors live
 * @param threads threads of one tensor operation
 */
public record Platform(
        String jdk, String os, String arch, int processors, String djl, String pytorch, String device, int threads) {

    /** That of this process; starts the engine. */
    public static Platform current() {
        return Torch.call(() -> new Platform(
                Runtime.version() + " (" + System.getProperty("java.vendor") + ")",
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors(),
                Engine.getDjlVersion(),
                Engine.getInstance().getVersion(),
                Torch.manager().getDevice().toString(),
                JniUtils.getNumThreads()));
    }
}
