package org.rlhf4j.core.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.LineAppender;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.config.ConfigReader;

/**
 * The directory of one training run:
 *
 * <pre>
 * config.yaml        the effective settings, enough to run it again
 * provenance.json    versions, platform, seed, checksums of data and start model
 * metrics.jsonl      one object for each logged step and evaluation
 * samples.jsonl      what a policy wrote on the way, where it learns from its own text
 * model/             the result: a language model or a reward model,
 * policy/            or a policy of a control environment
 * </pre>
 *
 * <p>Everything is written through one {@link Storage}. What is there stays there when the run fails.
 */
public final class RunDirectory {
    private final Storage storage;
    private final Path path;

    private RunDirectory(Storage storage, Path path) {
        this.storage = storage;
        this.path = path;
    }

    /**
     * Creates the directory, with those above it. One that is there and empty is used.
     *
     * @throws IOException if it holds something, or cannot be created
     */
    public static RunDirectory create(Storage storage, Path path) throws IOException {
        requireFresh(path);
        if (!Files.exists(path)) {
            createWithParents(storage, path.toAbsolutePath().normalize());
        }
        return new RunDirectory(storage, path);
    }

    /**
     * Refuses what {@link #create} would refuse, before anything is done for the run.
     *
     * @throws IOException if the path is there and is not an empty directory
     */
    public static void requireFresh(Path path) throws IOException {
        if (Files.exists(path)) {
            if (!Files.isDirectory(path)) {
                throw new IOException(path + " is a file: name a new directory for the run");
            }
            try (Stream<Path> entries = Files.list(path)) {
                if (entries.findAny().isPresent()) {
                    throw new IOException(path + " is not empty: name a new directory for the run, or delete this one");
                }
            }
        }
    }

    private static void createWithParents(Storage storage, Path absolute) throws IOException {
        Path parent = absolute.getParent();
        if (parent != null && !Files.isDirectory(parent)) {
            createWithParents(storage, parent);
        }
        storage.createDirectory(absolute);
    }

    /** The directory. */
    public Path path() {
        return path;
    }

    /** Where the result goes: absent until the run ends well. */
    public Path model() {
        return path.resolve("model");
    }

    /** Where the result goes when it is a policy of a control environment: absent until the run ends well. */
    public Path policy() {
        return path.resolve("policy");
    }

    /** Where a model goes that was not trained to the end, for a failure ended the run. */
    public Path unfinished() {
        return path.resolve("unfinished");
    }

    /** Where {@link #metrics} writes. */
    public Path metricsFile() {
        return path.resolve("metrics.jsonl");
    }

    /**
     * Refuses a run whose result will not fit.
     *
     * @param bytes what the run will write; a tenth more must be free
     * @throws IOException naming what is needed and what is free
     */
    public void requireSpace(long bytes) throws IOException {
        Storage.requireSpace(path, bytes);
    }

    /** Writes {@code config.yaml}. */
    public void writeConfig(Record settings) throws IOException {
        String yaml = "# The effective settings of this run; --config reads them.\n" + ConfigReader.toYaml(settings);
        storage.writeAtomically(path.resolve("config.yaml"), yaml.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes {@code provenance.json}. */
    public void writeProvenance(Provenance provenance) throws IOException {
        byte[] json = Json.pretty(provenance.toJson()).getBytes(StandardCharsets.UTF_8);
        storage.writeAtomically(path.resolve("provenance.json"), json);
    }

    /** Opens {@code samples.jsonl} at its end; close it when the run is over. */
    public LineAppender samples() throws IOException {
        return storage.appendLines(path.resolve("samples.jsonl"));
    }

    /** Opens {@code metrics.jsonl} at its end; close it when the run is over. */
    public MetricsLog metrics() throws IOException {
        return MetricsLog.append(storage, metricsFile());
    }
}
