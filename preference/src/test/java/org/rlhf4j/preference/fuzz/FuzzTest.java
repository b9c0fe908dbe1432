package org.rlhf4j.preference.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mutated files of every format and container, each used in every way ({@link FuzzOracle}).
 *
 * <p>A failure names the seed of its file; {@code -Drlhf4j.seed=SEED} uses that file alone.
 * {@code -Drlhf4j.fuzz.files=N} says how many files, {@code -Drlhf4j.fuzz.start=SEED} from which seed on.
 */
class FuzzTest {
    private static final int FILES_OF_A_BUILD = 2_000;
    private static final int FILES_OF_A_LONG_RUN = 200_000;
    private static final int THREADS = 2;
    private static final int MAX_FAILURES = 20;

    /** How long one file may take, which is some hundred times what the slowest takes: other work may slow the machine. */
    private static final long MAX_MILLIS = 120_000;

    private final Path directory;
    private final FuzzCorpus corpus = FuzzCorpus.load();
    private final List<String> failures = new ArrayList<>();
    private final Map<String, long[]> outcomes = new TreeMap<>();

    FuzzTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void mutatedFilesGiveRowsOrOneClearLine(TestReporter reporter) throws Exception {
        Long replayed = Long.getLong("rlhf4j.seed");
        if (replayed != null) {
            run(reporter, replayed, 1);
        } else {
            run(
                    reporter,
                    Long.getLong("rlhf4j.fuzz.start", 0),
                    Integer.getInteger("rlhf4j.fuzz.files", FILES_OF_A_BUILD));
        }
    }

    @Test
    @Tag("slow")
    void twoHundredThousandMutatedFilesGiveRowsOrOneClearLine(TestReporter reporter) throws Exception {
        run(
                reporter,
                Long.getLong("rlhf4j.fuzz.start", 1_000_000),
                Integer.getInteger("rlhf4j.fuzz.files", FILES_OF_A_LONG_RUN));
    }

    @Test
    void aSeedMakesTheSameFileAgain() {
        for (long seed = 0; seed < 300; seed++) {
            FuzzFile file = FuzzFile.of(seed, corpus);
            FuzzFile again = FuzzFile.of(seed, FuzzCorpus.load());
            assertThat(again.bytes()).isEqualTo(file.bytes());
            assertThat(again.extension()).isEqualTo(file.extension());
        }
    }

    private void run(TestReporter reporter, long start, int files) throws Exception {
        long began = System.nanoTime();
        AtomicLong next = new AtomicLong(start);
        Worker[] workers = new Worker[Math.min(THREADS, files)];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i, next, start + files);
            workers[i].start();
        }
        for (Worker worker : workers) {
            while (worker.isAlive()) {
                worker.join(1000);
                requireProgress(workers);
            }
        }
        report(reporter, start, files, (System.nanoTime() - began) / 1e9);
        assertThat(failures).isEmpty();
        assertThat(outcomes.values().stream().mapToLong(counts -> counts[0]).sum())
                .isEqualTo(files);
        if (files >= FILES_OF_A_BUILD) {
            // Files that nobody can read prove little: of every container, plain and packed, some still have rows.
            for (String part : List.of("jsonl", "json", "csv", "tsv", "file", ", gzip", ", zstd")) {
                assertThat(outcomes.entrySet().stream()
                                .filter(outcome -> outcome.getKey().contains(part))
                                .mapToLong(outcome -> outcome.getValue()[1])
                                .sum())
                        .as(part)
                        .isPositive();
            }
        }
    }

    private static void requireProgress(Worker[] workers) {
        for (Worker worker : workers) {
            long running = System.currentTimeMillis() - worker.since;
            if (worker.isAlive() && running > MAX_MILLIS) {
                StringBuilder stack = new StringBuilder();
                for (StackTraceElement frame : worker.getStackTrace()) {
                    stack.append("\n    at ").append(frame);
                }
                throw new AssertionError("the file of the seed " + worker.seed + " takes more than " + MAX_MILLIS
                        + " ms; repeat with -Drlhf4j.seed=" + worker.seed + stack);
            }
        }
    }

    private void report(TestReporter reporter, long start, int files, double seconds) {
        long used = outcomes.values().stream().mapToLong(counts -> counts[1]).sum();
        reporter.publishEntry(
                "fuzz",
                String.format(
                        Locale.ROOT,
                        "%d files, seeds %d to %d, %.1f s, %.0f files/s, %d with rows that convert, %d failures",
                        files,
                        start,
                        start + files - 1,
                        seconds,
                        files / seconds,
                        used,
                        failures.size()));
        outcomes.forEach((origin, counts) -> reporter.publishEntry(
                origin, String.format(Locale.ROOT, "%d files, %d convert", counts[0], counts[1])));
    }

    private final class Worker extends Thread {
        private final Path folder;
        private final AtomicLong next;
        private final long end;
        private volatile long seed;
        private volatile long since = System.currentTimeMillis();

        Worker(int number, AtomicLong next, long end) throws IOException {
            super("fuzz-" + number);
            setDaemon(true);
            this.folder = Files.createDirectories(directory.resolve("w" + number));
            this.next = next;
            this.end = end;
        }

        @Override
        public void run() {
            for (long s = next.getAndIncrement();
                    s < end && failures.size() < MAX_FAILURES;
                    s = next.getAndIncrement()) {
                seed = s;
                since = System.currentTimeMillis();
                String origin = "not made";
                long rows = 0;
                String failure = null;
                try {
                    FuzzFile file = FuzzFile.of(s, corpus);
                    origin = file.origin();
                    Path path = folder.resolve("file" + file.extension());
                    Files.write(path, file.bytes());
                    rows = FuzzOracle.use(path, file.stream());
                } catch (Throwable e) {
                    failure = describe(s, origin, e);
                }
                note(origin, rows, failure);
            }
        }

        private static String describe(long failed, String origin, Throwable e) {
            StringBuilder text = new StringBuilder("seed " + failed + " (" + origin + "): " + e);
            int frames = 0;
            for (StackTraceElement frame : e.getStackTrace()) {
                if (frame.getClassName().startsWith("org.rlhf4j") && frames++ < 8) {
                    text.append("\n    at ").append(frame);
                }
            }
            if (e.getStackTrace().length > 0) {
                text.append("\n    top ").append(e.getStackTrace()[0]);
            }
            return text.append("\n  repeat with -Drlhf4j.seed=").append(failed).toString();
        }
    }

    private synchronized void note(String origin, long rows, @Nullable String failure) {
        long[] counts = outcomes.computeIfAbsent(origin, o -> new long[2]);
        counts[0]++;
        counts[1] += rows > 0 ? 1 : 0;
        if (failure != null) {
            failures.add(failure);
        }
    }
}
