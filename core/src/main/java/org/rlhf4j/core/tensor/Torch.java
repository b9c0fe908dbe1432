package org.rlhf4j.core.tensor;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The PyTorch engine of this process and the one thread that does tensor work.
 *
 * <p>Gradient mode is a property of a native thread, gradients are collected by one collector a process, and native calls
 * block: so every tensor is made and used on a single daemon thread. {@link #call} and {@link #run} queue work onto it
 * from any thread and run inline when they are already on it. The first use starts the engine.
 */
public final class Torch {
    private static final String THREAD_NAME = "rlhf4j-tensors";
    private static volatile @Nullable Thread tensorThread;
    private static final Executor QUEUE = queue();

    private Torch() {}

    /** Work that gives a result and may throw {@code E}. */
    @FunctionalInterface
    public interface Work<T extends @Nullable Object, E extends Exception> {
        T call() throws E;
    }

    /** Work without a result that may throw {@code E}. */
    @FunctionalInterface
    public interface Action<E extends Exception> {
        void run() throws E;
    }

    /**
     * Runs {@code work} on the tensor thread and waits for it.
     *
     * @throws E what the work throws, unwrapped
     * @throws EngineStartException if the engine cannot start
     */
    public static <T extends @Nullable Object, E extends Exception> T call(Work<T, E> work) throws E {
        if (onTensorThread()) {
            return work.call();
        }
        CompletableFuture<T> result = new CompletableFuture<>();
        QUEUE.execute(() -> complete(result, work));
        return await(result);
    }

    /** As {@link #call}, for work without a result. */
    public static <E extends Exception> void run(Action<E> action) throws E {
        Torch.<Boolean, E>call(() -> {
            action.run();
            return true;
        });
    }

    /** Starts the engine if it does not run yet. */
    public static void start() {
        run(() -> {});
    }

    /** The manager that lives as long as the process; parents every model's own manager. */
    public static NDManager manager() {
        return call(() -> Engine.INSTANCE.manager);
    }

    /**
     * Sets the properties that DJL reads (offline, no telemetry, where native libraries are unpacked) without starting the
     * engine: for what uses another native library of DJL, such as a tokenizer. A property that is set already stays.
     */
    public static void configure() {
        EngineStart.settings();
    }

    /** Whether what is computed now joins the graph of a gradient pass; asked on the tensor thread. */
    public static boolean recordsGradients() {
        requireTensorThread();
        return JniUtils.isGradMode();
    }

    /**
     * Chooses the device of this process before the engine starts.
     *
     * @param device {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}; {@code auto} takes a GPU where there is one
     * @throws EngineStartException if it is none of these, or the engine runs already on another one
     */
    public static void chooseDevice(String device) {
        DeviceChoice choice = new DeviceChoice(device);
        System.setProperty(DeviceChoice.PROPERTY, device);
        if (tensorThread != null && !choice.admits(manager().getDevice())) {
            throw new EngineStartException(
                    "the device is \"" + device + "\", but the engine runs already: " + describe());
        }
    }

    /** Runs {@code work} on the tensor thread with gradient mode off, also inside a gradient pass. */
    public static <T extends @Nullable Object, E extends Exception> T withoutGradients(Work<T, E> work) throws E {
        requireTensorThread();
        boolean mode = JniUtils.isGradMode();
        JniUtils.setGradMode(false);
        try {
            return work.call();
        } finally {
            JniUtils.setGradMode(mode);
        }
    }

    /**
     * Runs {@code work} with another number of engine threads, on the tensor thread. Small arrays are computed faster by one:
     * several wait for each other longer than they compute, and on a busy machine many times longer.
     */
    public static <T extends @Nullable Object, E extends Exception> T withThreads(int threads, Work<T, E> work)
            throws E {
        requireTensorThread();
        int before = JniUtils.getNumThreads();
        JniUtils.setNumThreads(threads);
        try {
            return work.call();
        } finally {
            JniUtils.setNumThreads(before);
        }
    }

    /** Versions, device and thread count in one line, for logs and provenance. */
    public static String describe() {
        return call(() -> String.format(
                Locale.ROOT,
                "PyTorch %s (DJL %s) on %s, %d %s",
                ai.djl.engine.Engine.getInstance().getVersion(),
                ai.djl.engine.Engine.getDjlVersion(),
                device(Engine.INSTANCE.manager.getDevice()),
                JniUtils.getNumThreads(),
                JniUtils.getNumThreads() == 1 ? "thread" : "threads"));
    }

    /** Whether arrays are made on a GPU. */
    public static boolean onGpu() {
        return manager().getDevice().isGpu();
    }

    private static String device(Device device) {
        return device.isGpu() ? "cuda:" + device.getDeviceId() : device.getDeviceType();
    }

    /** Whether the caller is the tensor thread. */
    public static boolean onTensorThread() {
        return Thread.currentThread() == tensorThread;
    }

    static void requireTensorThread() {
        if (!onTensorThread()) {
            throw new IllegalStateException("tensor work on thread \""
                    + Thread.currentThread().getName() + "\": wrap it in Torch.call or Torch.run");
        }
    }

    private static <T extends @Nullable Object, E extends Exception> void complete(
            CompletableFuture<T> result, Work<T, E> work) {
        try {
            Engine.INSTANCE.requireStarted();
            result.complete(work.call());
        } catch (Throwable problem) {
            result.completeExceptionally(problem);
        }
    }

    /** Waits through interrupts, because native work cannot be stopped; the interrupt is restored. */
    @SuppressWarnings("unchecked")
    private static <T extends @Nullable Object, E extends Exception> T await(CompletableFuture<T> result) throws E {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return result.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof Error error) {
                        throw error;
                    }
                    throw (E) e.getCause();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Executor queue() {
        return new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
            Thread thread = new Thread(work, THREAD_NAME);
            thread.setDaemon(true);
            tensorThread = thread;
            return thread;
        });
    }

    /** Started on the tensor thread, by its first task. */
    private static final class Engine {
        static final Engine INSTANCE = new Engine();
        private @Nullable EngineStartException failure;
        private NDManager manager;

        @SuppressWarnings("NullAway.Init")
        private Engine() {
            try {
                manager = EngineStart.start();
            } catch (EngineStartException e) {
                failure = e;
            }
        }

        void requireStarted() {
            if (failure != null) {
                throw failure;
            }
        }
    }
}
