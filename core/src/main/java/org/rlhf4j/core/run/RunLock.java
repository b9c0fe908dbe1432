package org.rlhf4j.core.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;

/**
 * Keeps a second process out of a run directory: an exclusive lock of the operating system on {@code run.lock}, held as
 * long as a process works on the run. The system releases it when the process ends, however it ends, so no lock is ever
 * stale. {@code run.owner.json} beside it says who holds it, and is deleted when the work is over.
 *
 * <p>{@code run.lock} itself stays, empty: deleting it could take the lock from a process that has just opened it. Nothing
 * else may ever open it, because a POSIX lock of a process ends when the process closes <em>any</em> channel of the file.
 */
public final class RunLock implements AutoCloseable {
    private static final String LOCK = "run.lock";
    private static final String OWNER = "run.owner.json";

    /** Channels whose closing would end the lock that this process holds by another channel. They stay open. */
    private static final Queue<FileChannel> KEPT_OPEN = new ConcurrentLinkedQueue<>();

    private final Storage storage;
    private final Path owner;
    private final FileChannel channel;
    private final @Nullable String note;

    /** How a lock is asked for; a file system without locks throws. */
    @FunctionalInterface
    interface Locks {
        @Nullable
        FileLock tryLock(FileChannel channel) throws IOException;
    }

    private RunLock(Storage storage, Path owner, FileChannel channel, @Nullable String note) {
        this.storage = storage;
        this.owner = owner;
        this.channel = channel;
        this.note = note;
    }

    /**
     * Takes the lock, or finds that the file system has none ({@link #note}).
     *
     * @param storage writes the owner down
     * @param directory of the run; exists
     * @param command the command line, word by word
     * @throws IOException naming the process, its host and since when, if another one or this one works on the run; or if
     *     the directory cannot be written
     */
    public static RunLock acquire(Storage storage, Path directory, List<String> command) throws IOException {
        return acquire(storage, directory, command, FileChannel::tryLock);
    }

    static RunLock acquire(Storage storage, Path directory, List<String> command, Locks locks) throws IOException {
        Path owner = directory.resolve(OWNER);
        FileChannel channel =
                FileChannel.open(directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            @Nullable String note = lock(channel, directory, locks);
            storage.writeAtomically(owner, Json.pretty(self(command)).getBytes(StandardCharsets.UTF_8));
            return new RunLock(storage, owner, channel, note);
        } catch (OverlappingFileLockException e) {
            KEPT_OPEN.add(channel);
            throw inUse(directory, e);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Why there is no lock; null where there is one. */
    private static @Nullable String lock(FileChannel channel, Path directory, Locks locks) throws IOException {
        @Nullable FileLock lock;
        try {
            lock = locks.tryLock(channel);
        } catch (IOException e) {
            return "the file system of " + directory + " has no locks (" + e.getMessage()
                    + "): nothing keeps a second process out of this run, so start none";
        }
        if (lock == null) {
            throw inUse(directory, null);
        }
        return null;
    }

    /** Whether a file of a run directory belongs to its lock, and says nothing of a run. */
    static boolean isPartOf(Path file) {
        return file.endsWith(LOCK) || file.endsWith(OWNER);
    }

    /** What to tell the user where the file system has no locks; empty where the lock is held. */
    public Optional<String> note() {
        return Optional.ofNullable(note);
    }

    /** Ends the lock. The owner file goes first: it may be another process's as soon as the lock is free. */
    @Override
    public void close() throws IOException {
        try (channel) {
            if (Files.exists(owner)) {
                storage.delete(owner);
            }
        }
    }

    private static Map<String, Object> self(List<String> command) {
        Map<String, Object> self = new LinkedHashMap<>();
        self.put("pid", ProcessHandle.current().pid());
        self.put("host", host());
        self.put("since", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        self.put("command", command);
        return self;
    }

    private static IOException inUse(Path directory, @Nullable Throwable cause) {
        String who = "another process";
        try {
            JsonNode owner = Json.read(directory.resolve(OWNER));
            who = "process " + owner.path("pid").asText("?") + " on "
                    + owner.path("host").asText("?") + " since "
                    + owner.path("since").asText("?");
        } catch (DataFormatException e) {
            // The other process has not written it yet; that it holds the lock is certain.
        }
        return new IOException(
                directory + " is in use by " + who + ": wait until it ends, or stop it and try again", cause);
    }

    /** The name of this machine, without a question to the network where the system tells it. */
    private static String host() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            try {
                return InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException nameless) {
                return "unknown";
            }
        }
    }
}
