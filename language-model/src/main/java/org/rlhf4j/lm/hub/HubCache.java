package org.rlhf4j.lm.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.rlhf4j.base.Storage;
import org.rlhf4j.lm.hub.HubException.Kind;

/**
 * The place of one repository in the cache: {@code models--org--name} with the content of files in {@code blobs}, what
 * branches and tags mean in {@code refs}, and a directory of links to the content for each commit in {@code snapshots}.
 */
final class HubCache {
    /** A lock of the operating system belongs to the process: within it, another one is needed. */
    private static final Map<Path, ReentrantLock> LOCKS = new ConcurrentHashMap<>();

    private final HubName name;
    private final Path folder;
    private final Path locks;
    private final boolean symbolicLinks;
    private final Storage storage = Storage.disk();

    HubCache(HubSettings settings, HubName name) {
        this.name = name;
        String repository = "models--" + name.repository().replace("/", "--");
        this.folder = settings.cache().resolve(repository);
        this.locks = settings.cache().resolve(".locks").resolve(repository);
        this.symbolicLinks = settings.symbolicLinks();
    }

    /** The commit that the revision meant when it was last asked for. */
    Optional<String> commit() throws HubException {
        if (HubName.isCommit(name.revision())) {
            return Optional.of(name.revision());
        }
        Path ref = ref();
        if (!Files.isRegularFile(ref)) {
            return Optional.empty();
        }
        try {
            String commit = new String(Files.readAllBytes(ref), StandardCharsets.ISO_8859_1).strip();
            if (HubName.isCommit(commit)) {
                return Optional.of(commit);
            }
        } catch (IOException e) {
            throw problem(ref, "be read", e);
        }
        throw new HubException(Kind.CACHE, name, ref + " holds no commit");
    }

    /** Writes down what the revision means, if that is news. */
    void remember(String commit) throws IOException {
        if (HubName.isCommit(name.revision()) || commit().filter(commit::equals).isPresent()) {
            return;
        }
        Path ref = ref();
        storage.createDirectories(ref.resolveSibling(""));
        storage.writeAtomically(ref, commit.getBytes(StandardCharsets.US_ASCII));
    }

    private Path ref() {
        return folder.resolve("refs").resolve(name.revision());
    }

    /** The directory of a commit. */
    Path snapshot(String commit) {
        return folder.resolve("snapshots").resolve(commit);
    }

    /** The directory that holds content. */
    Path blobs() {
        return folder.resolve("blobs");
    }

    /** The content of a file. */
    Path blob(RemoteFile file) {
        return blobs().resolve(file.etag());
    }

    /** What is done while no other process does it. */
    interface Work {
        void run() throws IOException;
    }

    /** Keeps other processes from the same content for the time of some work. */
    void locked(RemoteFile file, Work work) throws IOException {
        Path path = locks.resolve(file.etag() + ".lock");
        storage.createDirectories(locks);
        ReentrantLock within = LOCKS.computeIfAbsent(path, key -> new ReentrantLock());
        within.lock();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            try {
                channel.lock();
            } catch (IOException e) {
                throw problem(path, "be locked", e);
            }
            work.run();
        } finally {
            within.unlock();
        }
    }

    /** Gives content its name in a commit: a symbolic link, or where there can be none a hard link or a copy. */
    void link(RemoteFile file, String commit) throws IOException {
        Path blob = blob(file);
        Path pointer = snapshot(commit).resolve(file.path());
        Path parent = pointer.resolveSibling("");
        storage.createDirectories(parent);
        if (Files.exists(pointer)) {
            return;
        }
        if (Files.exists(pointer, LinkOption.NOFOLLOW_LINKS)) {
            // It leads to content that was deleted.
            storage.delete(pointer);
        }
        try {
            place(pointer, blob);
        } catch (FileAlreadyExistsException e) {
            // Another process was faster, with the same content.
        }
        storage.syncDirectory(parent);
    }

    private void place(Path pointer, Path blob) throws IOException {
        if (symbolicLinks) {
            try {
                Files.createSymbolicLink(pointer, pointer.resolveSibling("").relativize(blob));
                return;
            } catch (FileAlreadyExistsException e) {
                throw e;
            } catch (IOException | UnsupportedOperationException e) {
                // Windows allows them to few users.
            }
        }
        try {
            Files.createLink(pointer, blob);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (IOException | UnsupportedOperationException e) {
            storage.writeAtomically(pointer, out -> Files.copy(blob, out));
        }
    }

    HubException problem(Path path, String action, IOException cause) {
        return new HubException(Kind.CACHE, name, path + " cannot " + action + ": " + HubClient.reason(cause), cause);
    }
}
