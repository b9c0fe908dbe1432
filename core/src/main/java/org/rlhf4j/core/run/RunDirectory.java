package org.rlhf4j.core.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.LineAppender;
import org.rlhf4j.base.Storage;
import org.rlhf4j.base.StorageException;
import org.rlhf4j.core.checkpoint.CheckpointStore;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.core.config.Difference;

/**
 * The directory of one training run:
 *
 * <pre>
 * config.yaml        the effective settings, enough to run it again
 * provenance.json    versions, platform, seed, checksums of data and start model
 * metrics.jsonl      one object for each logged step and evaluation
 * samples.jsonl      what a policy wrote on the way, where it learns from its own text
 * checkpoints/       what it takes to go on after an interruption
 * dumps/             steps whose numbers are not finite, to be repeated
 * model/             the result: a language model or a reward model,
 * policy/            or a policy of a control environment
 * </pre>
 *
 * <p>Everything is written through one {@link Storage}. What is there stays there when the run fails.
 */
public final class RunDirectory {
    private static final String CONFIG = "config.yaml";
    /** The file that says where a run comes from. */
    public static final String PROVENANCE = "provenance.json";

    private static final String METRICS = "metrics.jsonl";
    private static final String SAMPLES = "samples.jsonl";
    private static final String CHECKPOINTS = "checkpoints";
    private static final String DUMPS = "dumps";

    private final Storage storage;
    private final Path path;
    private final boolean begins;

    private RunDirectory(Storage storage, Path path, boolean begins) {
        this.storage = storage;
        this.path = path;
        this.begins = begins;
    }

    /**
     * Creates the directory, with those above it. One that is there and empty is used.
     *
     * @throws IOException if it holds something, or cannot be created
     */
    public static RunDirectory create(Storage storage, Path path) throws IOException {
        requireEmpty(path);
        storage.createDirectories(path.toAbsolutePath().normalize());
        return new RunDirectory(storage, path, true);
    }

    /**
     * Refuses a path before anything is done for the run, on this machine's file systems.
     *
     * @throws IOException as {@link #requireFresh(Storage, Path)}
     */
    public static void requireFresh(Path path) throws IOException {
        requireFresh(Storage.disk(), path);
    }

    /**
     * Refuses a path before anything is done for the run. A directory is made beside where the run's would be, and taken away
     * again, so that what cannot be written is found at once, and not when the first checkpoint is due.
     *
     * @throws IOException if the path is there and is not an empty directory, or cannot be written
     */
    public static void requireFresh(Storage storage, Path path) throws IOException {
        requireEmpty(path);
        Path above = path.toAbsolutePath().normalize();
        while (!Files.exists(above) && above.getParent() != null) {
            above = above.getParent();
        }
        try {
            requirePossible(path);
            Path tried = Storage.temporary(above.resolve("run"));
            storage.createDirectory(tried);
            try {
                storage.delete(tried);
            } catch (NoSuchFileException e) {
                // Another start, which holds the lock, has taken it for a leftover.
            }
        } catch (IOException e) {
            throw new IOException(
                    StorageException.of(path, e).getMessage() + "; name another directory for the run", e);
        }
    }

    /** Such as a name that is too long, or one below a file. */
    private static void requirePossible(Path path) throws IOException {
        try {
            Files.readAttributes(path, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            // It can be there, and is not.
        }
    }

    private static void requireEmpty(Path path) throws IOException {
        if (Files.exists(path)) {
            if (!Files.isDirectory(path)) {
                throw new IOException(path + " is a file: name a new directory for the run");
            }
            // A start that was killed leaves its lock and temporary names; the next one that holds the lock deletes
            // these.
            if (!Storage.list(path).stream().allMatch(entry -> RunLock.isPartOf(entry) || Storage.isTemporary(entry))) {
                throw new IOException(path + " is not empty: name a new directory for the run, or delete this one");
            }
        }
    }

    /**
     * Opens the directory of a run that is to go on.
     *
     * @throws IOException if there is no run
     */
    public static RunDirectory open(Storage storage, Path path) throws IOException {
        if (!Files.isRegularFile(path.resolve(CONFIG))) {
            throw new IOException(path + " holds no run to go on with, for there is no " + CONFIG
                    + ": leave --resume out to start one");
        }
        return new RunDirectory(storage, path, false);
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
        return path.resolve(METRICS);
    }

    /** Where {@link #writeConfig} writes. */
    public Path configFile() {
        return path.resolve(CONFIG);
    }

    /** Where {@link #writeProvenance} writes. */
    public Path provenanceFile() {
        return path.resolve(PROVENANCE);
    }

    /**
     * Where a run that begins keeps its checkpoints.
     *
     * @param settings when they are due
     * @param notes is told, a sentence each, what could not be written
     */
    public RunCheckpoints checkpoints(RunCheckpoints.Settings settings, Consumer<String> notes) {
        return checkpoints(settings, notes, System::nanoTime);
    }

    /**
     * As {@link #checkpoints(RunCheckpoints.Settings, Consumer)}, by another clock.
     *
     * @param nanoTime never goes back
     */
    public RunCheckpoints checkpoints(RunCheckpoints.Settings settings, Consumer<String> notes, LongSupplier nanoTime) {
        return new RunCheckpoints(storage, checkpointDirectory(), logs(), settings, notes, nanoTime, null);
    }

    /**
     * Where a run that goes on finds and keeps its checkpoints. Metrics and samples become what they were at the newest one
     * that is whole; what they have beyond it will be made again. Where there is no checkpoint, they are kept under another
     * name.
     *
     * @param settings when new ones are due
     * @param notes is told, a sentence each, what was passed over, what is kept and what could not be written
     * @throws IOException if there are checkpoints and none can be used, or the directory cannot be read or changed
     */
    public RunCheckpoints resume(RunCheckpoints.Settings settings, Consumer<String> notes) throws IOException {
        clean();
        CheckpointStore store = new CheckpointStore(storage, checkpointDirectory(), settings.keep());
        @Nullable StateReader newest = store.newest(notes).orElse(null);
        for (Path log : logs()) {
            RunLogs.restore(storage, log, newest, notes);
        }
        return new RunCheckpoints(storage, checkpointDirectory(), logs(), settings, notes, System::nanoTime, newest);
    }

    /**
     * Where steps whose numbers are not finite are kept.
     *
     * @param notes is told, a sentence each, where one stands or why there is none
     */
    public RunDumps dumps(Consumer<String> notes) {
        CheckpointStore checkpoints = new CheckpointStore(storage, checkpointDirectory(), 1);
        return new RunDumps(storage, path.resolve(DUMPS), checkpoints, logs(), notes);
    }

    private Path checkpointDirectory() {
        return path.resolve(CHECKPOINTS);
    }

    private List<Path> logs() {
        return List.of(path.resolve(METRICS), path.resolve(SAMPLES));
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
        storage.writeAtomically(path.resolve(CONFIG), yaml.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes {@code provenance.json}. */
    public void writeProvenance(Provenance provenance) throws IOException {
        byte[] json = Json.pretty(provenance.toJson()).getBytes(StandardCharsets.UTF_8);
        storage.writeAtomically(path.resolve(PROVENANCE), json);
    }

    /**
     * Writes {@code provenance.json} of a run that goes on: where it comes from now, when it first began, and each time that
     * it went on.
     *
     * @param now of this process
     * @param step from which it goes on
     * @param allowed what differs from before and was allowed to
     */
    public void writeResumption(Provenance now, long step, List<Difference> allowed) throws IOException {
        ObjectNode provenance = Json.mapper().valueToTree(now.toJson());
        ArrayNode resumptions = Json.array();
        if (Files.exists(provenanceFile())) {
            JsonNode before = Json.read(provenanceFile());
            provenance.set("started", before.path("started"));
            provenance.set("command", before.path("command"));
            before.path("resumed").forEach(resumptions::add);
        }
        provenance.set("resumed", resumptions);
        resumptions
                .addObject()
                .put("at", now.started().toString())
                .put("step", step)
                .<ObjectNode>set("command", Json.mapper().valueToTree(now.command()))
                .set(
                        "changed",
                        Json.mapper()
                                .valueToTree(
                                        allowed.stream().map(Difference::toJson).toList()));
        storage.writeAtomically(provenanceFile(), Json.pretty(provenance).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * What of the origins of this run is not as it is now.
     *
     * @param now of this process
     * @return nothing where the run died before it wrote them down
     */
    public List<Difference> differences(Provenance now) {
        return Files.exists(provenanceFile()) ? now.differences(Json.read(provenanceFile())) : List.of();
    }

    /**
     * Keeps other processes out, as long as the lock is open, and deletes what a start that was killed left half written.
     *
     * @param command the command line, word by word
     * @throws IOException naming who works on the run, if someone does; or if another run has begun here since {@link #create}
     */
    public RunLock lock(List<String> command) throws IOException {
        RunLock lock = RunLock.acquire(storage, path, command);
        try {
            if (begins) {
                // Another run may have begun, and ended, before the lock was free.
                requireEmpty(path);
            }
            if (lock.note().isEmpty()) {
                clean();
            }
            return lock;
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** Deletes what has a temporary name. Only for who knows that no other process works on the run. */
    private void clean() throws IOException {
        for (Path directory : List.of(path, path.resolve(DUMPS))) {
            for (Path leftover : Storage.leftovers(directory)) {
                storage.deleteTree(leftover);
            }
        }
    }

    /** The result of a run that has ended well; empty before. */
    public Optional<Path> result() {
        return Stream.of(model(), policy()).filter(Files::isDirectory).findFirst();
    }

    /** Opens {@code samples.jsonl} at its end; close it when the run is over. */
    public LineAppender samples() throws IOException {
        return storage.appendLines(path.resolve(SAMPLES));
    }

    /** Opens {@code metrics.jsonl} at its end; close it when the run is over. */
    public MetricsLog metrics() throws IOException {
        return MetricsLog.append(storage, metricsFile());
    }
}
