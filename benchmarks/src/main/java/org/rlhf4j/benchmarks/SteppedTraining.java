package org.rlhf4j.benchmarks;

import java.util.Map;
import java.util.concurrent.SynchronousQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.rlhf4j.core.train.RunHooks;

/** A training on a thread of its own that waits before each step until it is asked for. */
final class SteppedTraining implements AutoCloseable {
    private final SynchronousQueue<Boolean> orders = new SynchronousQueue<>();
    private final SynchronousQueue<Supplier<Map<String, Double>>> answers = new SynchronousQueue<>();
    private final Thread thread;

    /**
     * Starts it.
     *
     * @param name of the thread
     * @param training trains with these hooks until they stop it; metrics must come after each step
     */
    SteppedTraining(String name, Consumer<RunHooks> training) {
        RunHooks hooks = RunHooks.NONE.stopWhen(() -> !take(orders)).metrics(metrics -> put(answers, metrics::values));
        this.thread = new Thread(() -> run(training, hooks), name);
        thread.start();
    }

    private void run(Consumer<RunHooks> training, RunHooks hooks) {
        try {
            training.accept(hooks);
        } catch (RuntimeException | Error e) {
            put(answers, () -> {
                throw new IllegalStateException("the training failed", e);
            });
        }
    }

    /** Makes one step and returns its metrics. */
    Map<String, Double> step() {
        put(orders, true);
        return take(answers).get();
    }

    /** Ends the training. */
    @Override
    public void close() {
        if (thread.isAlive()) {
            put(orders, false);
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static <T> void put(SynchronousQueue<T> queue, T value) {
        try {
            queue.put(value);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static <T> T take(SynchronousQueue<T> queue) {
        try {
            return queue.take();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
