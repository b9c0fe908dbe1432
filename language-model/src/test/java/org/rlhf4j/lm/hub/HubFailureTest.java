package org.rlhf4j.lm.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.lm.hub.HubException.Kind;

class HubFailureTest {
    private static final String FILE = "model.safetensors";
    private static final byte[] WEIGHTS = weights();

    @TempDir
    private Path cache;

    private final FakeHub server = new FakeHub();
    private final List<Long> received = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final HubListener listener = new HubListener() {
        @Override
        public void received(String file, long done, long size) {
            if (file.equals(FILE)) {
                assertThat(size).isEqualTo(WEIGHTS.length);
                received.add(done);
            }
        }

        @Override
        public void note(String text) {
            notes.add(text);
        }
    };

    private static byte[] weights() {
        SeededStream stream = SeededStream.of(3, "weights");
        byte[] bytes = new byte[200_000];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) stream.nextLong();
        }
        return bytes;
    }

    @BeforeEach
    void publish() {
        server.file("config.json", "{\"model_type\":\"llama\"}").file(FILE, WEIGHTS);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Path resolve() throws IOException {
        return new Hub(server.settings(cache)).resolve("org/name", listener);
    }

    private Path partial() {
        return cache.resolve("models--org--name/blobs/" + FakeHub.etag(FILE, WEIGHTS) + ".rlhf4j.incomplete");
    }

    private List<String> ranges() {
        return server.requests.stream()
                .filter(line -> line.startsWith("GET /blob/"))
                .map(line -> line.split(" ", -1)[2])
                .toList();
    }

    /** The bytes that were asked for from the middle on. */
    private List<Long> starts() {
        return ranges().stream()
                .filter(range -> range.startsWith("bytes="))
                .map(range -> Long.valueOf(range.substring("bytes=".length(), range.length() - 1)))
                .toList();
    }

    @Test
    void aCutConnectionIsTakenUpWhereItEnded() throws IOException {
        server.fault(FILE, FakeHub.cutAfter(50_000), FakeHub.cutAfter(70_000));
        assertThat(resolve().resolve(FILE)).hasBinaryContent(WEIGHTS);
        assertThat(ranges().get(0)).isEqualTo("-");
        assertThat(starts()).hasSizeGreaterThanOrEqualTo(2).isSorted().allMatch(received::contains);
        assertThat(received).isSorted().endsWith(200_000L);
        assertThat(partial()).doesNotExist();
    }

    @Test
    void anotherProcessLoadsOnlyTheRest() throws IOException {
        server.fault(FILE, FakeHub.cutAfter(80_000));
        for (int i = 0; i < 20; i++) {
            server.fault(FILE, FakeHub.cutAfter(0));
        }
        assertThatThrownBy(this::resolve)
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE))
                .hasMessageStartingWith("org/name: model.safetensors: the connection was lost (")
                .hasMessageEndingWith(" of 200000 bytes are kept, run again to load the rest");
        long kept = received.get(received.size() - 1);
        assertThat(partial()).hasSize(kept);
        assertThat(cache.resolve("models--org--name/refs/main")).doesNotExist();
        server.heal();
        assertThat(resolve().resolve(FILE)).hasBinaryContent(WEIGHTS);
        assertThat(ranges()).containsExactly("bytes=" + kept + "-");
    }

    @Test
    void aServerThatIgnoresRangesSendsAllOfItAgain() throws IOException {
        server.fault(FILE, FakeHub.cutAfter(50_000), FakeHub.rangeIgnored());
        assertThat(resolve().resolve(FILE)).hasBinaryContent(WEIGHTS);
        assertThat(ranges()).hasSize(2).startsWith("-");
        assertThat(starts()).hasSize(1);
    }

    @Test
    void whatAnEarlierTryLeftDamagedIsLoadedAgain() throws IOException {
        Files.createDirectories(partial().getParent());
        Files.write(partial(), new byte[1000]);
        assertThat(resolve().resolve(FILE)).hasBinaryContent(WEIGHTS);
        assertThat(ranges()).containsExactly("bytes=1000-", "-");
        assertThat(notes).hasSize(1).first().asString().contains("was damaged");
    }

    @Test
    void moreThanThereShouldBeIsThrownAway() throws IOException {
        Files.createDirectories(partial().getParent());
        Files.write(partial(), new byte[WEIGHTS.length + 1]);
        assertThat(resolve().resolve(FILE)).hasBinaryContent(WEIGHTS);
        assertThat(ranges()).containsExactly("-");
    }

    @Test
    void whatIsThereInFullIsOnlyVerified() throws IOException {
        Files.createDirectories(partial().getParent());
        Files.write(partial(), WEIGHTS);
        assertThat(resolve().resolve(FILE)).hasBinaryContent(WEIGHTS);
        assertThat(ranges()).isEmpty();
    }

    @Test
    void wrongBytesNeverGetTheName() {
        server.fault(FILE, FakeHub.wrongBytes());
        assertThatThrownBy(this::resolve)
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DAMAGED))
                .hasMessageContaining("model.safetensors was received with checksum ")
                .hasMessageContaining("should have " + FakeHub.etag(FILE, WEIGHTS));
        assertThat(partial()).doesNotExist();
        assertThat(cache.resolve("models--org--name/blobs/" + FakeHub.etag(FILE, WEIGHTS)))
                .doesNotExist();
    }

    @Test
    void smallFilesAreVerifiedToo() {
        server.fault("config.json", FakeHub.wrongBytes());
        assertThatThrownBy(this::resolve).hasMessageContaining("config.json was received with checksum ");
    }

    @Test
    void moreBytesThanAnnouncedAreRefused() {
        server.fault(FILE, (exchange, content) -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(content);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().close();
        });
        assertThatThrownBy(this::resolve).hasMessageContaining("more than the 200000 bytes of model.safetensors");
    }

    @Test
    void aBusyHubIsAskedAgain() throws IOException {
        server.fault("api", FakeHub.status(503), FakeHub.status(429, "Retry-After", "0"), FakeHub.status(502))
                .fault(FILE, FakeHub.status(500), FakeHub.status(504));
        assertThat(resolve().resolve(FILE)).hasBinaryContent(WEIGHTS);
        assertThat(server.requests.stream().filter(line -> line.contains("/api/")))
                .hasSize(4);
    }

    @Test
    void aHubThatStaysBusyIsGivenUp() {
        for (int i = 0; i < 5; i++) {
            server.fault("api", FakeHub.status(503));
        }
        assertThatThrownBy(this::resolve)
                .hasMessageMatching("org/name: there is no such directory, and the hub http://localhost:\\d+ cannot be"
                        + " reached: status 503 \\(5 tries\\)");
        server.fault("api", FakeHub.status(429, "Retry-After", "86400"));
        assertThatThrownBy(this::resolve).hasMessageContaining("cannot be reached: status 429");
        assertThat(server.requests).hasSize(6);
    }

    @Test
    void aLongPauseIsAnnounced() {
        server.fault("api", FakeHub.status(429, "Retry-After", "100"));
        HubListener impatient = new HubListener() {
            @Override
            public void note(String text) {
                notes.add(text);
                Thread.currentThread().interrupt();
            }
        };
        assertThatThrownBy(() -> new Hub(server.settings(cache)).resolve("org/name", impatient))
                .hasMessage("interrupted");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(notes).containsExactly("org/name: the hub does not answer (status 429); it is asked again in 100 s");
    }

    @Test
    void silenceInTheMiddleIsACutConnection() throws IOException {
        server.fault(FILE, FakeHub.silentFor(Duration.ofSeconds(3)));
        long start = System.nanoTime();
        assertThat(resolve().resolve(FILE)).hasBinaryContent(WEIGHTS);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(2900));
        assertThat(ranges()).containsExactly("-", "bytes=1-");
    }

    @Test
    void redirectsInACircleEnd() {
        for (int i = 0; i < 50; i++) {
            server.fault("api", FakeHub.status(307, "Location", "/api/models/org/name/revision/main"));
        }
        assertThatThrownBy(this::resolve).hasMessageContaining("more than 10 redirects");
    }

    @Test
    void aRedirectToAFileOrAnUnsafeAddressIsNotFollowed() {
        for (String target : List.of("file:///etc/passwd", "ftp://localhost/x", "http://")) {
            for (int i = 0; i < 5; i++) {
                server.fault("api", FakeHub.status(302, "Location", target));
            }
            assertThatThrownBy(this::resolve).hasMessageContaining("it redirects to " + target);
        }
    }

    @Test
    void aNameThatMovedIsFollowedWithinTheHub() throws IOException {
        server.fault("api", FakeHub.status(307, "Location", "/api/models/org/name/revision/v1"));
        assertThat(resolve().resolve(FILE)).hasBinaryContent(WEIGHTS);
    }

    @Test
    void contentWithoutAChecksumIsRefused() {
        for (String etag : List.of("\"abc\"", "../../../evil", "")) {
            server.etag = etag;
            assertThatThrownBy(this::resolve).hasMessageContaining("gives no checksum or length for config.json");
        }
        assertThat(server.downloads()).isEmpty();
    }

    @Test
    void aCacheThatCannotBeWrittenIsNamed() throws IOException {
        Files.writeString(cache.resolve("models--org--name"), "in the way");
        assertThatThrownBy(this::resolve).isInstanceOf(IOException.class).hasMessageContaining("models--org--name");
    }
}
