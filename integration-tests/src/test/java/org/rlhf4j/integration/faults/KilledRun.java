package org.rlhf4j.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.checkpoint.CheckpointStore;

/** A run that is killed and goes on, again and again, until it has ended. */
final class KilledRun {
    /** The moments that a kill is aimed at; it hits what it hits. */
    enum Aim {
        /** While the virtual machine starts, data and model are read and the last state is restored. */
        START,
        /** While it trains. */
        TRAINING,
        /** While a checkpoint is written. */
        CHECKPOINT,
        /** While the result is saved. */
        RESULT
    }

    /** What was hit. */
    enum Hit {
        /** There is the beginning of a checkpoint. */
        CHECKPOINT_WRITE,
        /** There is the rest of a checkpoint that need not stay. */
        CHECKPOINT_DELETION,
        /** There is the beginning of a result. */
        RESULT,
        /** Nothing was being written by the names on the disk. */
        OTHER,
        /** Nothing was hit: the run had ended. */
        NOTHING
    }

    private static final Duration LONGEST = Duration.ofMinutes(3);
    private static final String TEMPORARY = ".tmp-";

    private final TinyTraining training;
    private final Path run;
    private final Path log;
    private final SeededStream random;
    private long newest;
    private int unreadable;
    private int stepsLost;

    KilledRun(TinyTraining training, Path run, SeededStream random) {
        this.training = training;
        this.run = run;
        this.log = run.resolveSibling(run.getFileName() + ".log");
        this.random = random;
    }

    /** Starts or goes on, and kills. */
    Hit kill(Aim aim) throws IOException, InterruptedException {
        Process process = training.start(run, log);
        try {
            await(process, aim);
        } finally {
            process.destroyForcibly().waitFor();
        }
        if (process.exitValue() == 0) {
            return Hit.NOTHING;
        }
        if (process.exitValue() != 128 + 9) {
            throw new IllegalStateException("exit code " + process.exitValue() + "\n" + printed());
        }
        Hit hit = hit();
        inspect();
        return hit;
    }

    /** Goes on to the end. */
    void finish() throws IOException, InterruptedException {
        Process process = training.start(run, log);
        try {
            if (!process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("does not end\n" + printed());
            }
        } finally {
            process.destroyForcibly();
        }
        if (process.exitValue() != 0) {
            throw new IllegalStateException("exit code " + process.exitValue() + "\n" + printed());
        }
    }

    private void await(Process process, Aim aim) throws IOException {
        switch (aim) {
            case START -> pause(process, milliseconds(2_500));
            case TRAINING -> {
                until(process, () -> !temporaries(run.resolve("checkpoints")).isEmpty() || newest() > newest);
                pause(process, milliseconds(250));
            }
            case CHECKPOINT -> {
                long from = newest + random.nextInt(4);
                until(
                        process,
                        () -> newest() >= from
                                && !temporaries(run.resolve("checkpoints")).isEmpty());
                pause(process, milliseconds(12));
            }
            case RESULT -> {
                until(process, () -> temporaries(run).stream().anyMatch(name -> name.contains(training.result())));
                pause(process, milliseconds(8));
            }
        }
    }

    private Duration milliseconds(int most) {
        return Duration.ofNanos((long) (random.nextDouble() * most * 1e6));
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void until(Process process, Condition condition) throws IOException {
        long end = System.nanoTime() + LONGEST.toNanos();
        while (process.isAlive() && !condition.holds()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("the moment of the kill does not come");
            }
            LockSupport.parkNanos(200_000);
        }
    }

    private static void pause(Process process, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (process.isAlive() && System.nanoTime() < end) {
            LockSupport.parkNanos(Math.min(500_000, Math.max(1, end - System.nanoTime())));
        }
    }

    private Hit hit() throws IOException {
        List<String> checkpoints = temporaries(run.resolve("checkpoints"));
        long there = newest();
        if (checkpoints.stream().anyMatch(name -> step(name.substring(TEMPORARY.length())) > there)) {
            return Hit.CHECKPOINT_WRITE;
        }
        if (!checkpoints.isEmpty()) {
            return Hit.CHECKPOINT_DELETION;
        }
        return temporaries(run).stream().anyMatch(name -> name.contains(training.result())) ? Hit.RESULT : Hit.OTHER;
    }

    /** Every checkpoint that stands under its name is whole, and none that was there is lost without a newer one. */
    private void inspect() throws IOException {
        for (Path checkpoint : checkpoints()) {
            try {
                CheckpointStore.open(checkpoint);
            } catch (DataFormatException e) {
                unreadable++;
            }
        }
        if (newest() < newest) {
            stepsLost++;
        }
        newest = newest();
    }

    private List<Path> checkpoints() throws IOException {
        Path directory = run.resolve("checkpoints");
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry -> step(entry.getFileName().toString()) >= 0)
                    .sorted()
                    .toList();
        }
    }

    private static long step(String name) {
        String digits = name.replaceFirst("^step-(\\d+).*$", "$1");
        return digits.equals(name) ? -1 : Long.parseLong(digits);
    }

    private static List<String> temporaries(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> name.startsWith(TEMPORARY))
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** Checkpoints that could not be opened. */
    int unreadable() {
        return unreadable;
    }

    /** How often the newest checkpoint was older after a kill than before. */
    int stepsLost() {
        return stepsLost;
    }

    /** Asks the process to end, as {@code kill} does, once there is a checkpoint of a step; gives its exit code. */
    int terminate(long step) throws IOException, InterruptedException {
        Process process = training.start(run, log);
        try {
            until(process, () -> newest() >= step);
            process.destroy();
            assertThat(process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }

    /** What the processes of the run have printed so far. */
    String printed() throws IOException {
        return Files.readString(log);
    }

    /** The step of the newest checkpoint; 0 where there is none. */
    long newest() throws IOException {
        return checkpoints().stream()
                .mapToLong(path -> step(path.getFileName().toString()))
                .max()
                .orElse(0);
    }

    /** What differs from a run that nobody killed: files by name, and temporary files that stayed. */
    List<String> differences(Path whole) throws IOException {
        List<String> differences = new ArrayList<>();
        for (Path file : files(whole.resolve(training.result()))) {
            Path ours = run.resolve(whole.relativize(file));
            if (!Files.exists(ours) || !Storage.sha256(ours).equals(Storage.sha256(file))) {
                differences.add(whole.relativize(file).toString());
            }
        }
        for (String name : List.of("metrics.jsonl", "samples.jsonl")) {
            if (Files.exists(whole.resolve(name))
                    && !RunLogs.withoutTimes(run.resolve(name)).equals(RunLogs.withoutTimes(whole.resolve(name)))) {
                differences.add(name);
            }
        }
        temporaries(run).forEach(differences::add);
        temporaries(run.resolve("checkpoints")).forEach(differences::add);
        return differences;
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .sorted(Comparator.naturalOrder())
                    .toList();
        }
    }
}
