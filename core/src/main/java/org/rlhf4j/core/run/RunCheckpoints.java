package org.rlhf4j.core.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.checkpoint.CheckpointHook;
import org.rlhf4j.core.checkpoint.CheckpointStore;
import org.rlhf4j.core.checkpoint.Resumable;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.checkpoint.StateWriter;
import org.rlhf4j.core.config.Require;
import org.rlhf4j.core.safetensors.WeightRangeException;

/**
 * The checkpoints of a run directory: when they are due, and what becomes of one that cannot be written. Such a one is said
 * and the run goes on, for the one before is safe and the next may succeed.
 */
public final class RunCheckpoints implements CheckpointHook {
    private final Settings settings;
    private final CheckpointStore store;
    private final List<Path> logs;
    private final Consumer<String> notes;
    private final LongSupplier nanoTime;
    private final @Nullable StateReader resumed;
    private final long beginNanos;
    private long lastNanos;
    private long writingNanos;
    private int written;
    private long lastStep;
    private long triedAt;
    private @Nullable String failure;

    /**
     * When there shall be checkpoints.
     *
     * @param every time between two; zero for none by time
     * @param everySteps steps between two; 0 for none by steps
     * @param keep how many stay, the newest; at least 1
     * @param failOnError whether one that cannot be written ends the run
     */
    public record Settings(Duration every, long everySteps, int keep, boolean failOnError) {
        /** Every ten minutes; the two newest stay. */
        public static final Settings DEFAULT = new Settings(Duration.ofMinutes(10), 0, 2, false);

        /** Checks the ranges. */
        public Settings {
            Require.that(!every.isNegative(), "time between checkpoints", every, "must not be negative");
            Require.atLeast("steps between checkpoints", everySteps, 0);
            Require.atLeast("checkpoints to keep", keep, 1);
        }

        /** Whether any will be due. */
        public boolean any() {
            return everySteps > 0 || !every.isZero();
        }
    }

    /**
     * Checkpoints in a directory.
     *
     * @param storage what they are written with
     * @param directory where they stand
     * @param logs files of the run that are copied into each
     * @param settings when they are due
     * @param notes is told, a sentence each, what was passed over or could not be written
     * @param nanoTime a clock that never goes back
     * @param resumed what the run goes on from; null at its beginning
     */
    RunCheckpoints(
            Storage storage,
            Path directory,
            List<Path> logs,
            Settings settings,
            Consumer<String> notes,
            LongSupplier nanoTime,
            @Nullable StateReader resumed) {
        this.settings = settings;
        this.store = new CheckpointStore(storage, directory, settings.keep);
        this.logs = List.copyOf(logs);
        this.notes = notes;
        this.nanoTime = nanoTime;
        this.resumed = resumed;
        this.beginNanos = nanoTime.getAsLong();
        this.lastNanos = beginNanos;
        this.lastStep = resumed == null ? 0 : resumed.step();
        this.triedAt = lastStep;
    }

    @Override
    public Optional<StateReader> resumed() {
        return Optional.ofNullable(resumed);
    }

    @Override
    public boolean due(long step) {
        // Steps of environments are counted by the rollout, which need not meet a multiple.
        boolean bySteps = settings.everySteps > 0 && step / settings.everySteps > triedAt / settings.everySteps;
        boolean byTime = !settings.every.isZero() && nanoTime.getAsLong() - lastNanos >= settings.every.toNanos();
        return bySteps || byTime;
    }

    @Override
    public void save(long step, Resumable run) {
        if (step == lastStep) {
            return;
        }
        // A pending interrupt would close the files that are written; the loop answers it after this.
        boolean interrupted = Thread.interrupted();
        long begin = nanoTime.getAsLong();
        try {
            StateWriter state = new StateWriter();
            run.saveTo(state);
            store.save(step, state, logs, notes);
            lastStep = step;
            failure = null;
            written++;
            writingNanos += nanoTime.getAsLong() - begin;
        } catch (IOException e) {
            failed(step, e);
        } catch (WeightRangeException e) {
            failed(step, new IOException(e.getMessage(), e));
        } finally {
            lastNanos = nanoTime.getAsLong();
            triedAt = step;
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void failed(long step, IOException e) {
        lastNanos = nanoTime.getAsLong();
        triedAt = step;
        String safe = lastStep == 0 ? "there is none yet" : "the one of step " + lastStep + " is safe";
        failure = "the checkpoint of step " + step + " was not written: " + e.getMessage() + "; " + safe;
        if (settings.failOnError) {
            throw new UncheckedIOException(failure, e);
        }
        notes.accept(failure);
    }

    /** How many this process has written, the time that took, and its share of the time so far; empty for none. */
    public Optional<String> cost() {
        double all = nanoTime.getAsLong() - beginNanos;
        return written == 0
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        "checkpoints: %d written in %.2f s each, %.2f %% of the time",
                        written,
                        writingNanos * 1e-9 / written,
                        100 * writingNanos / all));
    }

    /** The step of the newest checkpoint; 0 before there is one. */
    public long lastStep() {
        return lastStep;
    }

    /** Why the last attempt failed; empty where it did not. */
    public Optional<String> failure() {
        return Optional.ofNullable(failure);
    }
}
