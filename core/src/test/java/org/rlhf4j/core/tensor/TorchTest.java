package org.rlhf4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class TorchTest {
    @Test
    void everyCallRunsOnTheOneTensorThreadWithGradientsOff() throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(4);
        try {
            List<Future<Thread>> threads = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                threads.add(callers.submit(() -> Torch.call(() -> {
                    assertThat(JniUtils.isGradMode()).isFalse();
                    return Thread.currentThread();
                })));
            }
            Set<Thread> seen = new HashSet<>();
            for (Future<Thread> thread : threads) {
                seen.add(thread.get());
            }
            assertThat(seen).hasSize(1);
            assertThat(seen.iterator().next().isDaemon()).isTrue();
        } finally {
            callers.shutdown();
        }
    }

    @Test
    void aNestedCallRunsInline() {
        Thread inner = Torch.call(() -> Torch.call(Thread::currentThread));
        assertThat(inner).isSameAs(Torch.call(Thread::currentThread)).isNotSameAs(Thread.currentThread());
        assertThat(Torch.onTensorThread()).isFalse();
    }

    @Test
    void exceptionsArriveAsTheyWereThrown() {
        IOException checked = new IOException("disk");
        assertThatThrownBy(() -> Torch.call(() -> {
                    throw checked;
                }))
                .isSameAs(checked);
        StackOverflowError error = new StackOverflowError();
        assertThatThrownBy(() -> Torch.run(() -> {
                    throw error;
                }))
                .isSameAs(error);
        assertThat(Torch.<Integer, RuntimeException>call(() -> 1)).isEqualTo(1);
    }

    @Test
    void anInterruptedCallerStillGetsItsResultAndStaysInterrupted() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        List<Integer> results = new ArrayList<>();
        Thread caller = new Thread(() -> {
            try {
                results.add(Torch.call(() -> {
                    started.countDown();
                    release.await();
                    return 7;
                }));
            } catch (InterruptedException e) {
                throw new AssertionError("the work itself was not interrupted", e);
            }
            interrupted.set(Thread.currentThread().isInterrupted());
        });
        caller.start();
        started.await();
        caller.interrupt();
        release.countDown();
        caller.join();
        assertThat(results).containsExactly(7);
        assertThat(interrupted).isTrue();
    }

    @Test
    void describesVersionDeviceAndThreadsInOneLine() {
        assertThat(Torch.describe()).matches("PyTorch 2\\.7\\.1 \\(DJL 0\\.35\\.1\\) on cpu, \\d+ threads?");
    }

    @Test
    void gradientsSwitchedOffInsideAPassComeBackOn() {
        Torch.run(() -> Scope.run(() -> {
            NDArray w = HostCopy.create(Torch.manager(), new Shape(1), new float[] {3});
            w.setRequiresGradient(true);
            Tape.backward(
                    tape -> {
                        NDArray constant = Torch.withoutGradients(() -> w.mul(w));
                        assertThat(TorchOps.inGraph(constant)).isFalse();
                        assertThatThrownBy(() -> Torch.withoutGradients(() -> {
                                    throw new IllegalStateException("inside");
                                }))
                                .hasMessage("inside");
                        // d/dw of 9 w, the 9 being a constant
                        return w.mul(constant).sum();
                    },
                    1,
                    loss -> {});
            assertThat(w.getGradient().toFloatArray()).containsExactly(9);
        }));
    }
}
