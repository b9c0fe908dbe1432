package org.rlhf4j.lm.hub;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.rlhf4j.lm.hub.HubException.Kind;

/**
 * Asks the hub. Redirects are followed here, so that the token never goes to another host than the hub; a request that
 * fails for a while (timeout, 408, 429, 5xx) is repeated.
 */
final class HubClient {
    private static final int ATTEMPTS = 5;
    private static final int REDIRECTS = 10;
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(8);
    private static final Duration QUIET_PAUSE = Duration.ofSeconds(2);
    private static final Duration LONGEST_ASKED_PAUSE = Duration.ofMinutes(5);
    private static final Set<Integer> TRANSIENT = Set.of(408, 429, 500, 502, 503, 504);
    private static final Pattern SECONDS = Pattern.compile("\\d{1,6}");

    private final HubSettings settings;
    private final HttpClient http;

    HubClient(HubSettings settings) {
        this.settings = settings;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.timeout())
                .build();
    }

    /** An address below the hub's own. */
    URI address(String path) {
        return URI.create(settings.endpoint() + path);
    }

    /**
     * Content of a size that fits into memory.
     *
     * @param name what is asked for, for messages
     * @param most bytes
     * @param listener is told of long pauses
     */
    byte[] get(HubName name, URI address, int most, HubListener listener) throws IOException {
        return repeating(name, listener, () -> {
            HttpResponse<TimedBody> response = once("GET", address, 0, true);
            try (TimedBody body = response.body()) {
                requireFound(name, response);
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                for (List<ByteBuffer> piece = body.next(); piece != null; piece = body.next()) {
                    for (ByteBuffer part : piece) {
                        byte[] chunk = new byte[part.remaining()];
                        part.get(chunk);
                        bytes.writeBytes(chunk);
                    }
                    if (bytes.size() > most) {
                        throw new HubException(Kind.DAMAGED, name, "the answer of " + address + " has no end");
                    }
                }
                return bytes.toByteArray();
            }
        });
    }

    /** What the hub itself says of a file, before it sends to where the bytes are. */
    HttpResponse<?> head(HubName name, URI address, HubListener listener) throws IOException {
        return repeating(name, listener, () -> {
            HttpResponse<TimedBody> response = once("HEAD", address, 0, false);
            response.body().close();
            if (response.statusCode() / 100 != 3) {
                requireFound(name, response);
            }
            return response;
        });
    }

    /**
     * The bytes of a file from some byte on, if the server heeds that: 206, else 200 and all of them, or 416.
     *
     * @return a response whose body is the caller's to close
     */
    HttpResponse<TimedBody> open(HubName name, URI address, long from, HubListener listener) throws IOException {
        return repeating(name, listener, () -> {
            HttpResponse<TimedBody> response = once("GET", address, from, true);
            if (response.statusCode() != 416) {
                try {
                    requireFound(name, response);
                } catch (IOException e) {
                    response.body().close();
                    throw e;
                }
            }
            return response;
        });
    }

    private interface Request<T> {
        T send() throws IOException;
    }

    private <T> T repeating(HubName name, HubListener listener, Request<T> request) throws IOException {
        for (int attempt = 1; ; attempt++) {
            IOException problem;
            Duration pause = pause(attempt);
            try {
                return request.send();
            } catch (HubException | InterruptedIOException e) {
                throw e;
            } catch (BusyException e) {
                problem = e;
                pause = e.pause.orElse(pause);
            } catch (IOException e) {
                problem = e;
            }
            boolean hopeless = problem instanceof ConnectException
                    || problem instanceof HttpConnectTimeoutException
                    || isUntrusted(problem);
            if (hopeless || attempt == ATTEMPTS || pause.compareTo(LONGEST_ASKED_PAUSE) > 0) {
                throw unreachable(name, problem, hopeless ? 1 : attempt);
            }
            if (pause.compareTo(QUIET_PAUSE) > 0) {
                listener.note(name + ": the hub does not answer (" + reason(problem) + "); it is asked again in "
                        + pause.toSeconds() + " s");
            }
            sleep(pause);
        }
    }

    /** A certificate that is not accepted will not be accepted later. */
    private static boolean isUntrusted(Throwable problem) {
        for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
            if (cause instanceof GeneralSecurityException) {
                return true;
            }
        }
        return false;
    }

    /** Doubles from the first pause on. */
    Duration pause(int attempt) {
        Duration doubled = settings.firstPause().multipliedBy(1L << Math.min(attempt - 1, 10));
        return doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    }

    static void sleep(Duration pause) throws IOException {
        try {
            Thread.sleep(pause.toMillis());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    static InterruptedIOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        InterruptedIOException stopped = new InterruptedIOException("interrupted");
        stopped.initCause(e);
        return stopped;
    }

    private HubException unreachable(HubName name, IOException problem, int attempts) {
        String reason = problem instanceof ConnectException
                ? "cannot be reached"
                : "cannot be reached: " + reason(problem) + (attempts > 1 ? " (" + attempts + " tries)" : "");
        return new HubException(Kind.UNREACHABLE, name, settings.endpoint() + " " + reason, problem);
    }

    static String reason(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    /** An answer that may be another one later. */
    private static final class BusyException extends IOException {
        private static final long serialVersionUID = 1L;
        private final transient Optional<Duration> pause;

        BusyException(HttpResponse<?> response) {
            super("status " + response.statusCode());
            // A date, the other form of this header, is not used by the hub.
            pause = response.headers()
                    .firstValue("Retry-After")
                    .filter(text -> SECONDS.matcher(text).matches())
                    .map(text -> Duration.ofSeconds(Long.parseLong(text)));
        }
    }

    /** One request with its redirects: to other hosts too, or only within the hub. */
    private HttpResponse<TimedBody> once(String method, URI address, long from, boolean everywhere) throws IOException {
        URI next = address;
        for (int i = 0; i < REDIRECTS; i++) {
            HttpResponse<TimedBody> response = send(method, next, from);
            int status = response.statusCode();
            if (TRANSIENT.contains(status)) {
                response.body().close();
                throw new BusyException(response);
            }
            Optional<String> location = response.headers().firstValue("Location");
            if (status / 100 != 3 || location.isEmpty()) {
                return response;
            }
            URI target = resolve(next, location.get());
            if (!everywhere && !isHub(target)) {
                return response;
            }
            response.body().close();
            next = target;
        }
        throw new IOException("more than " + REDIRECTS + " redirects");
    }

    private static URI resolve(URI from, String location) throws IOException {
        try {
            URI target = from.resolve(location);
            boolean web =
                    "https".equals(target.getScheme()) || target.getScheme().equals(from.getScheme());
            if (web && target.getHost() != null) {
                return target;
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("it redirects to " + location + ", which is no address", e);
        }
        throw new IOException("it redirects to " + location + ", which is not safe to follow");
    }

    private HttpResponse<TimedBody> send(String method, URI address, long from) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(settings.timeout())
                .header("User-Agent", "rlhf4j; java/" + Runtime.version().feature())
                // Lengths and ranges are those of the file itself.
                .header("Accept-Encoding", "identity");
        if (from > 0) {
            request.header("Range", "bytes=" + from + "-");
        }
        if (settings.token() != null && isHub(address)) {
            request.header("Authorization", "Bearer " + settings.token());
        }
        try {
            return http.send(request.build(), info -> new TimedBody(settings.timeout()));
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private boolean isHub(URI address) {
        URI hub = settings.endpoint();
        return hub.getScheme().equals(address.getScheme())
                && hub.getHost().equalsIgnoreCase(address.getHost())
                && hub.getPort() == address.getPort();
    }

    /** The hub answers 401 for what does not exist too, so that nobody learns the names of private models. */
    private void requireFound(HubName name, HttpResponse<?> response) throws IOException {
        int status = response.statusCode();
        if (status == 200 || status == 206) {
            return;
        }
        String code = response.headers().firstValue("X-Error-Code").orElse("");
        boolean signed = settings.token() != null;
        String page = settings.endpoint() + "/" + name.repository();
        if (code.equals("RevisionNotFound")) {
            throw new HubException(
                    Kind.NOT_FOUND, name.repository(), "has no revision \"" + name.revision() + "\" on the hub");
        }
        if (code.equals("GatedRepo") || status == 403) {
            throw new HubException(
                    Kind.DENIED,
                    name,
                    signed
                            ? "the token in HF_TOKEN may not read it: ask for access at " + page
                            : "is gated: ask for access at " + page + " and set HF_TOKEN to your token");
        }
        if (status == 401 && signed && !code.equals("RepoNotFound")) {
            throw new HubException(Kind.DENIED, name, "the hub does not accept the token in HF_TOKEN");
        }
        if (status == 401 || code.equals("RepoNotFound") || status == 404) {
            throw new HubException(
                    status == 401 && !signed ? Kind.DENIED : Kind.NOT_FOUND,
                    name,
                    "there is no such directory, and no such model on the hub (" + settings.endpoint() + ")"
                            + (signed ? " that the token in HF_TOKEN may read" : "; a private one needs HF_TOKEN"));
        }
        throw new HubException(
                Kind.UNREACHABLE,
                name,
                settings.endpoint() + " answers with status " + status + " for "
                        + response.uri().getPath());
    }

    /** As the hub wants a name within an address: one part of a path. */
    static String quoted(String part) {
        StringBuilder text = new StringBuilder();
        for (byte b : part.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = c < 128 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0);
            text.append(
                    plain
                            ? String.valueOf(c)
                            : "%" + Integer.toHexString(256 | c).substring(1));
        }
        return text.toString();
    }
}
