package org.rlhf4j.core.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.DirectoryTransaction;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.base.Sha256;
import org.rlhf4j.base.Storage;
import org.rlhf4j.base.StorageException;
import org.rlhf4j.base.StorageFile;
import org.rlhf4j.base.StorageWriter;
import org.rlhf4j.core.config.Require;
import org.rlhf4j.core.safetensors.SafetensorsWriter;
import org.rlhf4j.core.tensor.Torch;

/**
 * Checkpoints in a directory, one each in {@code step-000123}:
 *
 * <pre>
 * state.json         the step, counters and figures
 * *.safetensors      weights, optimizer moments
 * logs               such as metrics.jsonl, as they were then
 * manifest.json      size and SHA-256 of each of these; written last
 * </pre>
 *
 * <p>Each file is written and flushed under a temporary directory name; then the directory is flushed, renamed, and its name
 * flushed. So a checkpoint is there whole or not at all, and one that was damaged afterwards is recognised by its manifest.
 * For one process at a time.
 */
public final class CheckpointStore {
    private static final String MANIFEST = "manifest.json";
    private static final String FORMAT = "rlhf4j checkpoint 1";
    private static final Pattern NAME = Pattern.compile("step-(\\d{6,18})");

    private final Storage storage;
    private final Path directory;
    private final int keep;

    /**
     * A store.
     *
     * @param directory is made with the first checkpoint
     * @param keep how many checkpoints stay, the newest; at least 1
     */
    public CheckpointStore(Storage storage, Path directory, int keep) {
        Require.atLeast("checkpoints to keep", keep, 1);
        this.storage = storage;
        this.directory = directory;
        this.keep = keep;
    }

    /** The name of the checkpoint after so many steps. */
    public static String name(long step) {
        return String.format(Locale.ROOT, "step-%06d", step);
    }

    /**
     * Writes a checkpoint, then deletes those that need not stay. It is written once it has its name: what fails afterwards is
     * a note and no error. One of the same step that is there already and whole is left as it is. Where it fails, those that
     * were there still are.
     *
     * @param step made so far
     * @param state of the run
     * @param logs files that are copied as they are; one that is not there is left out
     * @param notes is told, a sentence each, what went wrong though the checkpoint is written
     * @return where it stands
     * @throws IOException naming the file; also if there is too little room, before anything is written
     * @throws org.rlhf4j.core.safetensors.WeightRangeException if the state holds a number that is not finite
     */
    public Path save(long step, StateWriter state, List<Path> logs, Consumer<String> notes) throws IOException {
        Path target = directory.resolve(name(step));
        String written = "the checkpoint of step " + step + " is written, but ";
        storage.createDirectories(directory);
        if (!isThere(target, notes)) {
            Storage.requireSpace(directory, state.bytes());
            try {
                write(storage, target, step, state, logs);
            } catch (IOException e) {
                if (!isThere(target, notes)) {
                    throw e;
                }
                // Older ones stay, because the power might take this name away again.
                notes.accept(written + "may be lost when the power fails: " + e.getMessage());
                return target;
            }
        }
        prune(written, notes);
        return target;
    }

    /** Whether a checkpoint is there and whole. One that is damaged gets another name. */
    private boolean isThere(Path checkpoint, Consumer<String> notes) throws IOException {
        if (!Files.exists(checkpoint)) {
            return false;
        }
        try {
            read(checkpoint);
            return true;
        } catch (DataFormatException e) {
            passOver(checkpoint, e, notes);
            return false;
        }
    }

    private void prune(String written, Consumer<String> notes) {
        try {
            List<Path> all = checkpoints();
            for (Path old : all.subList(Math.min(keep, all.size()), all.size())) {
                delete(old);
            }
        } catch (IOException e) {
            notes.accept(written + "an older one could not be deleted: " + e.getMessage());
        }
    }

    /** Writes a state in the form of a checkpoint to any place that is absent or an empty directory. */
    public static void write(Storage storage, Path target, long step, StateWriter state, List<Path> logs)
            throws IOException {
        write(storage, target, step, state, logs, Map.of());
    }

    /**
     * As {@link #write(Storage, Path, long, StateWriter, List)}, with files beside the state.
     *
     * @param beside content by names; the manifest does not know them
     */
    public static void write(
            Storage storage, Path target, long step, StateWriter state, List<Path> logs, Map<String, byte[]> beside)
            throws IOException {
        Map<String, Object> manifest = new LinkedHashMap<>();
        try (DirectoryTransaction transaction = storage.beginDirectory(target)) {
            Content content = new Content(transaction, new LinkedHashMap<>());
            Map<String, Object> values = new LinkedHashMap<>();
            values.put(StateReader.STEP, step);
            values.put(StateReader.STATE, state.values());
            content.add(StateReader.VALUES, out -> out.write(json(values)));
            for (var file : state.files().entrySet()) {
                Torch.run(() -> content.add(file.getKey(), SafetensorsWriter.content(file.getValue())));
            }
            for (Path log : logs) {
                if (Files.exists(log)) {
                    content.add(String.valueOf(log.getFileName()), out -> Files.copy(log, out));
                }
            }
            manifest.put("format", FORMAT);
            manifest.put("files", content.files);
            transaction.write(MANIFEST, json(manifest));
            addTo(transaction, beside);
            transaction.commit();
        }
    }

    /** Copies a checkpoint, whole or not at all. */
    public static void copy(Storage storage, Path checkpoint, Path target) throws IOException {
        copy(storage, checkpoint, target, Map.of());
    }

    /**
     * As {@link #copy(Storage, Path, Path)}, with files beside the state.
     *
     * @param beside content by names; they take the place of files of the checkpoint, such as those that stood beside it
     */
    public static void copy(Storage storage, Path checkpoint, Path target, Map<String, byte[]> beside)
            throws IOException {
        try (DirectoryTransaction transaction = storage.beginDirectory(target)) {
            for (Path file : Storage.list(checkpoint).stream().sorted().toList()) {
                if (beside.containsKey(String.valueOf(file.getFileName()))) {
                    continue;
                }
                transaction.write(String.valueOf(file.getFileName()), out -> Files.copy(file, out));
            }
            addTo(transaction, beside);
            transaction.commit();
        }
    }

    private static void addTo(DirectoryTransaction transaction, Map<String, byte[]> beside) throws IOException {
        for (var file : beside.entrySet()) {
            transaction.write(file.getKey(), file.getValue());
        }
    }

    private static byte[] json(Object value) {
        return Json.pretty(value).getBytes(StandardCharsets.UTF_8);
    }

    /** The files of a checkpoint in the making, with what the manifest says of them. */
    private record Content(DirectoryTransaction transaction, Map<String, Map<String, Object>> files) {
        void add(String name, StorageWriter writer) throws IOException {
            transaction.write(name, out -> {
                HashedFile hashed = new HashedFile(out);
                writer.writeTo(hashed);
                files.put(name, hashed.entry());
            });
        }
    }

    /** The checkpoints that are there by their names, the newest first. */
    public List<Path> checkpoints() throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        return Storage.list(directory).stream()
                .filter(entry -> step(entry) >= 0)
                .sorted(Comparator.comparingLong(CheckpointStore::step).reversed())
                .toList();
    }

    /**
     * The newest checkpoint that is whole. Newer ones that are not get another name, so that they are out of the way and
     * nothing is deleted; leftovers of checkpoints that were never finished are deleted.
     *
     * @param notes is told what was passed over and why
     * @return empty where there is no checkpoint
     * @throws IOException if there are some and none is whole, or one cannot be read, which need not stay so: they all keep
     *     their names then; or if the directory cannot be changed
     */
    public Optional<StateReader> newest(Consumer<String> notes) throws IOException {
        for (Path leftover : Storage.leftovers(directory)) {
            storage.deleteTree(leftover);
        }
        Map<Path, DataFormatException> damaged = new LinkedHashMap<>();
        for (Path checkpoint : checkpoints()) {
            try {
                StateReader whole = read(checkpoint);
                for (var newer : damaged.entrySet()) {
                    passOver(newer.getKey(), newer.getValue(), notes);
                }
                return Optional.of(whole);
            } catch (DataFormatException e) {
                damaged.put(checkpoint, e);
            }
        }
        if (!damaged.isEmpty()) {
            DataFormatException first = damaged.values().iterator().next();
            throw new IOException(
                    "no checkpoint in " + directory + " can be used; the newest: " + first.getMessage()
                            + ". Start a new run, or move " + directory
                            + " away to let this one start from its beginning",
                    first);
        }
        return Optional.empty();
    }

    private void passOver(Path checkpoint, DataFormatException damage, Consumer<String> notes) throws IOException {
        Path aside = Storage.unused(checkpoint.resolveSibling("damaged-" + checkpoint.getFileName()));
        storage.rename(checkpoint, aside);
        storage.syncDirectory(directory);
        notes.accept("passed over " + checkpoint.getFileName() + ", now called " + aside.getFileName() + ": "
                + damage.getMessage());
    }

    /**
     * Opens a checkpoint once every byte of it is known to be what was written.
     *
     * @throws DataFormatException naming the file that is missing, changed or cannot be read
     */
    public static StateReader open(Path checkpoint) {
        try {
            return read(checkpoint);
        } catch (IOException e) {
            throw new DataFormatException(checkpoint.toString(), 0, "cannot be read: " + e.getMessage(), e);
        }
    }

    /** Damage is a {@link DataFormatException}; what says nothing of the bytes, such as a failing disk, is none. */
    private static StateReader read(Path checkpoint) throws IOException {
        Path manifest = checkpoint.resolve(MANIFEST);
        JsonFields fields = json(manifest);
        if (!fields.text("format").equals(FORMAT)) {
            throw fields.problem(
                    "format", "is \"" + fields.text("format") + "\", this version reads \"" + FORMAT + "\"");
        }
        JsonFields files = fields.object("files");
        for (String name : files.names()) {
            JsonFields file = files.object(name);
            requireUnchanged(checkpoint.resolve(name), file.integer("bytes"), file.text("sha256"));
        }
        return StateReader.of(checkpoint, json(checkpoint.resolve(StateReader.VALUES)));
    }

    private static JsonFields json(Path file) throws IOException {
        size(file);
        byte[] bytes = Files.readAllBytes(file);
        try {
            return JsonFields.of(Json.parse(bytes), file.toString(), 0);
        } catch (DataFormatException e) {
            throw e.at(file.toString(), e.reason().contains("(column ") ? 1 : 0);
        }
    }

    private static void requireUnchanged(Path file, long bytes, String sha256) throws IOException {
        long size = size(file);
        if (size != bytes) {
            throw bad(file, "has " + size + " bytes, " + bytes + " were written", null);
        }
        if (!Storage.sha256(file).equals(sha256)) {
            throw bad(file, "is not what was written: its SHA-256 is another", null);
        }
    }

    private static long size(Path file) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (!attributes.isRegularFile()) {
                throw bad(file, "is not a file", null);
            }
            return attributes.size();
        } catch (NoSuchFileException e) {
            throw bad(file, "there is no such file", e);
        }
    }

    private static DataFormatException bad(Path file, String reason, @Nullable Throwable cause) {
        return new DataFormatException(file.toString(), 0, reason, cause);
    }

    /** First out of sight in one step, so that a checkpoint that is half deleted is never taken for a damaged one. */
    private void delete(Path checkpoint) throws IOException {
        Path hidden = Storage.temporary(checkpoint);
        try {
            storage.rename(checkpoint, hidden);
        } catch (IOException e) {
            throw StorageException.of(checkpoint, e);
        }
        storage.deleteTree(hidden);
    }

    private static long step(Path checkpoint) {
        var name = NAME.matcher(String.valueOf(checkpoint.getFileName()));
        return name.matches() ? Long.parseLong(name.group(1)) : -1;
    }

    /** Passes bytes on and takes their hash. */
    private static final class HashedFile extends StorageFile {
        private final StorageFile inner;
        private final MessageDigest digest = Sha256.digest();
        private long bytes;

        HashedFile(StorageFile inner) {
            this.inner = inner;
        }

        Map<String, Object> entry() {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("bytes", bytes);
            entry.put("sha256", HexFormat.of().formatHex(digest.digest()));
            return entry;
        }

        @Override
        public int write(ByteBuffer buffer) throws IOException {
            digest.update(buffer.slice());
            int written = inner.write(buffer);
            bytes += written;
            return written;
        }

        @Override
        public void sync() throws IOException {
            inner.sync();
        }

        @Override
        public boolean isOpen() {
            return inner.isOpen();
        }

        @Override
        public void close() throws IOException {
            inner.close();
        }
    }
}
