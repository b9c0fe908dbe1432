package org.rlhf4j.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.rlhf4j.testing.GradientCheck;
import org.rlhf4j.testing.Leaks;

/**
 * Prints the bytes by which resident memory rises above its start during a forward and backward pass through a language
 * model head. A process of its own, with a small heap that is in memory from the start: so the rise is the engine's.
 */
final class HeadMemory {
    private HeadMemory() {}

    /** Arguments: positions, vocabulary. */
    public static void main(String[] arguments) {
        int positions = Integer.parseInt(arguments[0]);
        int vocabulary = Integer.parseInt(arguments[1]);
        long rise = Torch.call(() -> Scope.call(() -> {
            NDArray head = normal(2, vocabulary, 8);
            head.setRequiresGradient(true);
            // Touches the pages of the library and makes the gradient of the head.
            peakOfAPass(64, head);
            return peakOfAPass(positions, head);
        }));
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8).println(rise);
    }

    private static long peakOfAPass(int positions, NDArray head) {
        NDArray hidden = normal(1, positions, 8);
        hidden.setRequiresGradient(true);
        int[] targets = IntStream.range(0, positions)
                .map(i -> i * 23 % (int) head.getShape().get(0))
                .toArray();
        AtomicLong peak = new AtomicLong();
        long before = Leaks.residentBytes();
        Thread watcher = new Thread(() -> watch(peak));
        watcher.setDaemon(true);
        watcher.start();
        Tape.backward(
                tape -> {
                    TokenLogProbs v = TokenLogProbs.of(tape, hidden, new VocabularyHead(head), targets, 1);
                    return v.logProb().add(v.entropy()).sum();
                },
                1,
                loss -> {});
        watcher.interrupt();
        return peak.get() - before;
    }

    private static void watch(AtomicLong peak) {
        try {
            while (true) {
                peak.accumulateAndGet(Leaks.residentBytes(), Math::max);
                Thread.sleep(3);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static NDArray normal(long seed, long... shape) {
        double[] values = GradientCheck.normal(seed, new Shape(shape));
        return TorchOps.toFloat32(HostCopy.create(Torch.manager(), new Shape(shape), values));
    }
}
