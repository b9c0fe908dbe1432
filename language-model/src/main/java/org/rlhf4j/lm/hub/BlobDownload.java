package org.rlhf4j.lm.hub;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.rlhf4j.base.Storage;
import org.rlhf4j.base.StorageFile;
import org.rlhf4j.lm.hub.HubException.Kind;

/**
 * Brings the content of one file into the cache: to {@code blobs/<etag>.rlhf4j.incomplete}, from which another try goes
 * on, and under its own name when its length and checksum are right.
 *
 * <p>The name of the unfinished file is not that of other tools: Python locks with {@code flock} and Java with
 * {@code fcntl}, which on Linux do not see one another, so two tools must not append to one file.
 */
final class BlobDownload {
    private static final int ATTEMPTS = 5;

    private final HubClient client;
    private final HubCache cache;
    private final HubName name;
    private final RemoteFile file;
    private final HubListener listener;
    private final Path partial;
    private final Storage storage = Storage.disk();

    BlobDownload(HubClient client, HubCache cache, HubName name, RemoteFile file, HubListener listener) {
        this.client = client;
        this.cache = cache;
        this.name = name;
        this.file = file;
        this.listener = listener;
        this.partial = partial(cache, file);
    }

    /** Where bytes stand until all of them are there. */
    static Path partial(HubCache cache, RemoteFile file) {
        return cache.blobs().resolve(file.etag() + ".rlhf4j.incomplete");
    }

    /** Downloads what is missing, unless another process was faster. */
    void run() throws IOException {
        storage.createDirectories(cache.blobs());
        cache.locked(file, () -> {
            if (!Files.exists(cache.blob(file))) {
                complete();
            }
        });
    }

    private void complete() throws IOException {
        boolean resumed = kept() > 0;
        String sum = receiveAll();
        if (!sum.equals(file.etag()) && resumed) {
            listener.note(name + ": what an earlier try left of " + file.path() + " was damaged; it is loaded again");
            discard();
            sum = receiveAll();
        }
        if (!sum.equals(file.etag())) {
            discard();
            throw new HubException(
                    Kind.DAMAGED,
                    name,
                    file.path() + " was received with checksum " + sum + ", but should have " + file.etag()
                            + "; nothing of it is kept");
        }
        storage.rename(partial, cache.blob(file));
        storage.syncDirectory(cache.blobs());
    }

    /** Repeats what is cut off, from where it was cut off, as long as anything arrives. */
    private String receiveAll() throws IOException {
        int fruitless = 0;
        while (true) {
            long before = kept();
            try {
                return receive();
            } catch (HubException e) {
                throw e.kind() == Kind.UNREACHABLE ? lost(e) : e;
            } catch (InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                fruitless = kept() > before ? 0 : fruitless + 1;
                if (fruitless == ATTEMPTS) {
                    throw lost(e);
                }
                HubClient.sleep(client.pause(Math.max(1, fruitless)));
            }
        }
    }

    private HubException lost(IOException cause) throws IOException {
        return new HubException(
                Kind.UNREACHABLE,
                name,
                file.path() + ": the connection was lost (" + HubClient.reason(cause) + "); " + kept() + " of "
                        + file.size() + " bytes are kept, run again to load the rest",
                cause);
    }

    /** One request for what is missing; the checksum of the whole when nothing is missing any more. */
    private String receive() throws IOException {
        if (kept() > file.size()) {
            discard();
        }
        long from = kept();
        if (from == file.size() && Files.exists(partial)) {
            return HexFormat.of().formatHex(digestOfKept().digest());
        }
        HttpResponse<TimedBody> response = client.open(name, file.address(), from, listener);
        try (TimedBody body = response.body()) {
            String range = response.headers().firstValue("Content-Range").orElse("");
            boolean rest = response.statusCode() == 206
                    && range.equals("bytes " + from + "-" + (file.size() - 1) + "/" + file.size());
            if (!rest && from > 0) {
                // The server sends all of it, or another part than it was asked for.
                discard();
            }
            if (!rest && response.statusCode() != 200) {
                throw new IOException("the server answers a range with status " + response.statusCode());
            }
            MessageDigest digest = digestOfKept();
            append(body, digest);
            return HexFormat.of().formatHex(digest.digest());
        }
    }

    private void append(TimedBody body, MessageDigest digest) throws IOException {
        long done = kept();
        try (StorageFile out = opened()) {
            for (List<ByteBuffer> piece = body.next(); piece != null; piece = body.next()) {
                for (ByteBuffer bytes : piece) {
                    done += bytes.remaining();
                    if (done > file.size()) {
                        throw new HubException(
                                Kind.DAMAGED,
                                name,
                                "more than the " + file.size() + " bytes of " + file.path() + " were received");
                    }
                    digest.update(bytes.duplicate());
                    write(out, bytes);
                }
                listener.received(file.path(), done, file.size());
            }
            if (done < file.size()) {
                throw new IOException("it ended after " + done + " of " + file.size() + " bytes");
            }
            try {
                out.sync();
            } catch (IOException e) {
                throw cache.problem(partial, "be written", e);
            }
        }
    }

    private StorageFile opened() throws HubException {
        try {
            return storage.openForAppend(partial);
        } catch (IOException e) {
            throw cache.problem(partial, "be written", e);
        }
    }

    private void write(StorageFile out, ByteBuffer bytes) throws HubException {
        try {
            out.write(bytes);
        } catch (IOException e) {
            throw cache.problem(partial, "be written", e);
        }
    }

    private MessageDigest digestOfKept() throws HubException {
        MessageDigest digest = file.digest();
        if (!Files.exists(partial)) {
            return digest;
        }
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(partial)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return digest;
        } catch (IOException e) {
            throw cache.problem(partial, "be read", e);
        }
    }

    private long kept() throws IOException {
        return Files.exists(partial) ? Files.size(partial) : 0;
    }

    private void discard() throws IOException {
        if (Files.exists(partial)) {
            storage.delete(partial);
        }
    }
}
