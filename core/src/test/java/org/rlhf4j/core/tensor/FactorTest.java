package org.rlhf4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Numbers that a graph needs until its backward pass. */
class FactorTest {
    @Test
    void aFactorIsStillThereAfterAGarbageCollectionBeforeTheBackwardPass() {
        Torch.run(() -> {
            try (Parameters parameters = new Parameters()) {
                parameters.put("x", HostCopy.create(parameters.manager(), new float[] {1, 2, 3}));
                parameters.setTrainable("x", true);
                Tape.backward(
                        tape -> TorchOps.times(parameters.get("x"), -1.5).sum(),
                        1,
                        value -> freeAndReuseDirectMemory());
                NDArray gradient = JniUtils.getGradient((PtNDArray) parameters.get("x"));
                assertThat(gradient.toFloatArray()).containsExactly(-1.5f, -1.5f, -1.5f);
            }
        });
    }

    /** What becomes of memory between two phases of a pass, at the worst time: with DJL's own product this gives zeros. */
    private static void freeAndReuseDirectMemory() {
        System.gc();
        LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
        for (int i = 0; i < 20_000; i++) {
            ByteBuffer.allocateDirect(1 + i % 64).put(0, (byte) 0);
        }
    }
}
