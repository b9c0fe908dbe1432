package org.rlhf4j.lm.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.lm.Checkpoint;
import org.rlhf4j.lm.ModelSidecar;
import org.rlhf4j.lm.generate.GenerationDefaults;
import org.rlhf4j.lm.text.EncodingPolicy;
import org.rlhf4j.lm.text.TextTokenizer;
import org.rlhf4j.testing.Golden;

/**
 * Model directories with one file damaged, opened in full: weights, index, configuration, generation settings, tokenizer and
 * sidecar. They open, or there is one {@link DataFormatException} that names the file; nothing else is thrown, the process
 * lives, and memory and time follow the size of the files.
 *
 * <p>A failure names its seed; {@code -Drlhf4j.seed=SEED} runs that one alone. {@code -Drlhf4j.fuzz.files=N} says how many,
 * {@code -Drlhf4j.fuzz.start=SEED} from which seed on.
 */
class ModelFuzzTest {
    private static final int FILES_OF_A_BUILD = 2_000;
    private static final int FILES_OF_A_LONG_RUN = 200_000;

    /** Weights are read for one directory of this many that open. */
    private static final int LOADED = 5;

    private static final long MAX_BYTES = 64 << 20;
    private static final long MAX_NANOS = 20_000_000_000L;
    private static final int MAX_FAILURES = 10;

    private final Path root;
    private final List<Original> originals = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    /** What became of the damaged files, by kind: opened, refused. */
    private final Map<String, int[]> outcomes = new TreeMap<>();

    private long most;
    private long longest;
    private int loaded;

    /** A directory with its files as they should be. */
    private record Original(Path directory, Map<String, byte[]> files, List<String> names) {}

    ModelFuzzTest(@TempDir Path root) throws IOException {
        this.root = root;
        String[] tokenizers = {"bpe", "metaspace", "bytes", "prepend"};
        String[] models = {
            "llama_gqa", "llama_sharded", "qwen3_window", "llama_rm", "llama3_tied", "llama_bf16", "mistral", "smollm2"
        };
        for (int i = 0; i < models.length; i++) {
            originals.add(original(models[i], tokenizers[i % tokenizers.length]));
        }
    }

    private Original original(String model, String tokenizer) throws IOException {
        Path directory = Golden.copyDirectory("models/" + model, root);
        Files.delete(directory.resolve("golden.json"));
        Path beside =
                Golden.copyDirectory("tokenizer/" + tokenizer, Files.createDirectory(root.resolve("of-" + model)));
        try (Stream<Path> files = Files.list(beside)) {
            for (Path file : files.toList()) {
                Files.copy(file, directory.resolve(file.getFileName()));
            }
        }
        try (TextTokenizer opened = TextTokenizer.open(directory)) {
            ModelSidecar sidecar = new ModelSidecar(
                    EncodingPolicy.of(opened, 64), opened.sha256(), new ModelSidecar.Scores(0.5, 2, 10));
            Files.writeString(directory.resolve(ModelSidecar.FILE), Json.pretty(sidecar.toJson(true)));
        }
        Map<String, byte[]> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                contents.put(String.valueOf(file.getFileName()), Files.readAllBytes(file));
            }
        }
        return new Original(directory, contents, List.copyOf(contents.keySet()));
    }

    @Test
    void damagedModelDirectoriesOpenOrAreRefusedInOneLine(TestReporter reporter) throws IOException {
        Long replayed = Long.getLong("rlhf4j.seed");
        run(
                reporter,
                replayed != null ? replayed : Long.getLong("rlhf4j.fuzz.start", 0),
                replayed != null ? 1 : Integer.getInteger("rlhf4j.fuzz.files", FILES_OF_A_BUILD));
    }

    @Test
    @Tag("slow")
    void twoHundredThousandDamagedModelDirectoriesOpenOrAreRefused(TestReporter reporter) throws IOException {
        run(
                reporter,
                Long.getLong("rlhf4j.fuzz.start", 1_000_000),
                Integer.getInteger("rlhf4j.fuzz.files", FILES_OF_A_LONG_RUN));
    }

    private void run(TestReporter reporter, long start, int files) throws IOException {
        long began = System.nanoTime();
        for (long seed = start; seed < start + files && failures.size() < MAX_FAILURES; seed++) {
            one(seed);
        }
        reporter.publishEntry(String.format(
                Locale.ROOT,
                "%d damaged model directories from seed %d in %.0f s; longest %.2f s, most memory %.1f MiB, weights read of %d",
                files,
                start,
                (System.nanoTime() - began) / 1e9,
                longest / 1e9,
                most / 1048576.0,
                loaded));
        outcomes.forEach(
                (name, counts) -> reporter.publishEntry(name, counts[0] + " open, " + counts[1] + " are refused"));
        assertThat(failures).isEmpty();
        if (files >= FILES_OF_A_BUILD) {
            // What nobody opens, or nobody refuses, proves little.
            assertThat(loaded).isPositive();
            outcomes.forEach((name, counts) -> assertThat(counts).as(name).doesNotContain(0));
        }
    }

    private void one(long seed) throws IOException {
        SeededStream random = SeededStream.of(seed, "damaged models");
        Original original = originals.get(random.nextInt(originals.size()));
        String name = original.names.get(random.nextInt(original.names.size()));
        byte[] damaged = new ModelDamage(random).of(name, original.files.get(name));
        Path file = original.directory.resolve(name);
        // To overwrite a file costs a flush of it on some file systems, to rename it nothing.
        Path aside = root.resolve("aside");
        Files.move(file, aside);
        Files.write(file, damaged);
        long allocated = allocated();
        long began = System.nanoTime();
        try {
            boolean opened = open(original.directory, name, damaged, random.nextInt(LOADED) == 0);
            String kind = name.endsWith(".safetensors") ? "weights" : name;
            outcomes.computeIfAbsent(kind, key -> new int[2])[opened ? 0 : 1]++;
        } catch (RuntimeException | Error e) {
            failures.add("seed " + seed + ", " + name + ": " + e);
        }
        long bytes = allocated() - allocated;
        long nanos = System.nanoTime() - began;
        most = Math.max(most, bytes);
        longest = Math.max(longest, nanos);
        if (bytes > MAX_BYTES || nanos > MAX_NANOS) {
            failures.add("seed " + seed + ", " + name + ": took " + nanos / 1e9 + " s and " + bytes + " bytes");
        }
        Files.delete(file);
        Files.move(aside, file);
    }

    /** Bytes that this thread has taken from the heap so far. */
    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    private boolean open(Path directory, String name, byte[] content, boolean withWeights) {
        boolean opened = reads(directory.toString(), () -> {
            try (Checkpoint checkpoint = Checkpoint.open(directory)) {
                checkpoint.parameters();
                checkpoint.format();
                checkpoint.droppedTensors();
                if (withWeights) {
                    try (Parameters weights = checkpoint.load()) {
                        loaded++;
                        assertThat(weights.count()).isPositive();
                    }
                }
            }
        });
        if (name.equals(GenerationDefaults.FILE)) {
            opened = reads(name, () -> GenerationDefaults.read(content, name, Set.of(1)));
        }
        if (name.contains("token")) {
            opened = reads(directory.toString(), () -> {
                try (TextTokenizer tokenizer = TextTokenizer.open(directory)) {
                    tokenizer.decode(tokenizer.encodeContent("Hé <|eos|>\n 漢"), false);
                }
            });
        }
        return opened;
    }

    /** Whether it reads; it may also be refused, in one line that names the place. */
    private static boolean reads(String place, Runnable reading) {
        try {
            reading.run();
            return true;
        } catch (DataFormatException e) {
            String message = String.valueOf(e.getMessage());
            if (!message.startsWith(place) || message.lines().count() != 1 || message.length() > 20_000) {
                throw new AssertionError("not one line about " + place + ": " + message, e);
            }
            return false;
        }
    }
}
