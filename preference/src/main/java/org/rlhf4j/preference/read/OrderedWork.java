package org.rlhf4j.preference.read;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Work done by several threads whose results come in the order in which it was given. Who waits for a result works
 * meanwhile, so that one thread is enough; the others start with the second piece of work.
 *
 * @param <R> the result of one piece
 */
final class OrderedWork<R> implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** A piece of work and how much memory it may hold. */
    private record Piece<R>(FutureTask<R> task, int size) {}

    private final Queue<Piece<R>> pieces = new ArrayDeque<>();
    private final ThreadPoolExecutor others;
    private final boolean alone;
    private long size;

    /**
     * Without work.
     *
     * @param threads how many threads work, that of the caller among them
     */
    OrderedWork(int threads) {
        alone = threads == 1;
        int count = Math.max(1, threads - 1);
        others = new ThreadPoolExecutor(count, count, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
            Thread thread = new Thread(work, "rlhf4j-rows-" + NUMBER.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Adds a piece of work, whose size counts until its result is taken. */
    void add(int bytes, Callable<R> work) {
        FutureTask<R> task = new FutureTask<>(work);
        // The first piece is the next to be waited for: whoever waits does it.
        if (!alone && !pieces.isEmpty()) {
            others.execute(task);
        }
        pieces.add(new Piece<>(task, bytes));
        size += bytes;
    }

    /** The size of all work whose result was not taken. */
    long size() {
        return size;
    }

    boolean isEmpty() {
        return pieces.isEmpty();
    }

    /** The result of the oldest piece; what it throws if it is no checked exception. */
    R take() {
        Piece<R> piece = pieces.remove();
        size -= piece.size();
        FutureTask<R> task = piece.task();
        task.run(); // does nothing where another thread has begun it
        while (!task.isDone()) {
            Runnable other = others.getQueue().poll();
            if (other == null) {
                break;
            }
            other.run();
        }
        try {
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while rows were read", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException exception) {
                throw exception;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Gives up what was not taken, and returns when no thread works on it any more. */
    @Override
    public void close() {
        others.shutdownNow();
        boolean interrupted = false;
        while (true) {
            try {
                if (others.awaitTermination(1, TimeUnit.MINUTES)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
