package org.rlhf4j.lm.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Two local servers that answer as the Hugging Face Hub and its content delivery network do, with faults on demand. Large
 * files (safetensors) are stored by checksum on the second server, to which the first one redirects.
 */
final class FakeHub implements AutoCloseable {
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    /** What came in: method, path, range and token, "-" for none. */
    final List<String> requests = new CopyOnWriteArrayList<>();

    private final Map<String, byte[]> files = new TreeMap<>();
    private final Map<String, Deque<Fault>> faults = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer hub;
    private final HttpServer store;
    volatile String commit = COMMIT;
    volatile @Nullable String requiredToken;
    /** What small files have for a checksum, if not the right one. */
    volatile @Nullable String etag;

    /** Answers one request in another way. */
    interface Fault {
        void answer(HttpExchange exchange, byte[] content) throws IOException;
    }

    FakeHub() {
        try {
            hub = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            store = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (HttpServer server : List.of(hub, store)) {
            server.setExecutor(threads);
            server.createContext("/", exchange -> handle(exchange, server == store));
            server.start();
        }
    }

    FakeHub file(String path, String text) {
        return file(path, text.getBytes(StandardCharsets.UTF_8));
    }

    FakeHub file(String path, byte[] content) {
        files.put(path, content);
        return this;
    }

    FakeHub without(String path) {
        files.remove(path);
        return this;
    }

    /** The next request for the content of a file, or "api" for the listing, is answered in this way. */
    FakeHub fault(String path, Fault... inTurn) {
        faults.computeIfAbsent(path, key -> new ArrayDeque<>()).addAll(List.of(inTurn));
        return this;
    }

    /** No more faults, and nothing asked yet. */
    void heal() {
        faults.clear();
        requests.clear();
    }

    static Fault status(int status, String... headers) {
        return (exchange, content) -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
            }
            exchange.sendResponseHeaders(status, -1);
        };
    }

    /** The connection ends after some bytes of what was asked for. */
    static Fault cutAfter(int bytes) {
        return (exchange, content) -> {
            int from = from(exchange);
            headersOf(exchange, content, from);
            exchange.getResponseBody().write(content, from, bytes);
            exchange.getResponseBody().flush();
        };
    }

    /** Nothing comes for a while. */
    static Fault silentFor(Duration time) {
        return (exchange, content) -> {
            headersOf(exchange, content, 0);
            exchange.getResponseBody().write(content, 0, 1);
            exchange.getResponseBody().flush();
            try {
                Thread.sleep(time.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }

    /** Other bytes of the same length. */
    static Fault wrongBytes() {
        return (exchange, content) -> {
            byte[] wrong = content.clone();
            wrong[wrong.length / 2] ^= 1;
            whole(exchange, wrong);
        };
    }

    /** All of it, whatever range was asked for. */
    static Fault rangeIgnored() {
        return FakeHub::whole;
    }

    HubSettings settings(Path cache, String... variables) {
        Map<String, String> map = new TreeMap<>();
        map.put("HF_HUB_CACHE", cache.toString());
        map.put("HF_ENDPOINT", "http://localhost:" + hub.getAddress().getPort());
        map.put("HF_HUB_DOWNLOAD_TIMEOUT", "1");
        for (int i = 0; i < variables.length; i += 2) {
            map.put(variables[i], variables[i + 1]);
        }
        HubSettings made = HubSettings.of(map, cache.resolve("home"));
        return new HubSettings(
                made.cache(),
                made.endpoint(),
                made.offline(),
                made.token(),
                made.symbolicLinks(),
                made.timeout(),
                Duration.ofMillis(2));
    }

    /** Requests for content, without those for what it is. */
    List<String> downloads() {
        return requests.stream()
                .filter(line -> line.startsWith("GET /blob/") || (line.startsWith("GET") && line.contains("/resolve/")))
                .toList();
    }

    static String etag(String path, byte[] content) {
        return path.endsWith(".safetensors")
                ? hash("SHA-256", new byte[0], content)
                : hash("SHA-1", ("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII), content);
    }

    private static String hash(String algorithm, byte[] start, byte[] content) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            digest.update(start);
            return HexFormat.of().formatHex(digest.digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void handle(HttpExchange exchange, boolean stored) throws IOException {
        try (exchange) {
            URI uri = exchange.getRequestURI();
            String token = exchange.getRequestHeaders().getFirst("Authorization");
            String range = exchange.getRequestHeaders().getFirst("Range");
            requests.add(exchange.getRequestMethod() + " " + uri + " " + (range == null ? "-" : range) + " "
                    + (token == null ? "-" : token));
            if (stored) {
                String path = uri.getPath().substring("/blob/".length());
                content(exchange, path, files.getOrDefault(path, new byte[0]));
            } else if (requiredToken != null && !("Bearer " + requiredToken).equals(token)) {
                status(401, "X-Error-Code", "GatedRepo").answer(exchange, new byte[0]);
            } else if (uri.getPath().startsWith("/api/models/org/name/revision/")) {
                listing(exchange, uri.getPath().substring("/api/models/org/name/revision/".length()));
            } else if (uri.getPath().startsWith("/org/name/resolve/" + commit + "/")) {
                resolve(exchange, uri.getPath().substring(("/org/name/resolve/" + commit + "/").length()));
            } else {
                status(token == null ? 401 : 404, "X-Error-Code", "RepoNotFound")
                        .answer(exchange, new byte[0]);
            }
        }
    }

    private void listing(HttpExchange exchange, String revision) throws IOException {
        if (!List.of("main", "v1", "refs/pr/1", commit).contains(revision)) {
            status(404, "X-Error-Code", "RevisionNotFound").answer(exchange, new byte[0]);
            return;
        }
        String siblings = files.keySet().stream()
                .map(path -> "{\"rfilename\":\"" + path + "\"}")
                .collect(Collectors.joining(","));
        byte[] json = ("{\"sha\":\"" + commit + "\",\"siblings\":[" + siblings + "]}").getBytes(StandardCharsets.UTF_8);
        content(exchange, "api", json);
    }

    private void resolve(HttpExchange exchange, String path) throws IOException {
        byte[] content = files.get(path);
        if (content == null) {
            status(404, "X-Error-Code", "EntryNotFound").answer(exchange, new byte[0]);
            return;
        }
        exchange.getResponseHeaders().set("X-Repo-Commit", commit);
        if (path.endsWith(".safetensors")) {
            exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + etag(path, content) + "\"");
            exchange.getResponseHeaders().set("X-Linked-Size", String.valueOf(content.length));
            exchange.getResponseHeaders().set("ETag", "\"not-this-one\"");
            exchange.getResponseHeaders()
                    .set("Location", "http://127.0.0.1:" + store.getAddress().getPort() + "/blob/" + path);
            exchange.sendResponseHeaders(302, -1);
            return;
        }
        String stated = etag;
        exchange.getResponseHeaders().set("ETag", stated != null ? stated : "W/\"" + etag(path, content) + "\"");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(content.length));
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        content(exchange, path, content);
    }

    private void content(HttpExchange exchange, String path, byte[] content) throws IOException {
        Deque<Fault> waiting = faults.getOrDefault(path, new ArrayDeque<>());
        Fault fault;
        synchronized (waiting) {
            fault = waiting.poll();
        }
        if (fault != null) {
            fault.answer(exchange, content);
            return;
        }
        int from = from(exchange);
        headersOf(exchange, content, from);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(content, from, content.length - from);
        }
    }

    private static void headersOf(HttpExchange exchange, byte[] content, int from) throws IOException {
        if (from > 0) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, content.length - from);
    }

    private static void whole(HttpExchange exchange, byte[] content) throws IOException {
        exchange.sendResponseHeaders(200, content.length);
        exchange.getResponseBody().write(Arrays.copyOf(content, content.length));
        exchange.getResponseBody().close();
    }

    private static int from(HttpExchange exchange) {
        String range = exchange.getRequestHeaders().getFirst("Range");
        return range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
    }

    @Override
    public void close() {
        hub.stop(0);
        store.stop(0);
        threads.shutdownNow();
    }
}
