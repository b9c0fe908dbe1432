package org.rlhf4j.lm.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.lm.hub.HubException.Kind;

class HubTest {
    private static final byte[] WEIGHTS = new byte[100_000];
    private static final HubName NAME = new HubName("org/name", "main");

    @TempDir
    private Path cache;

    private final FakeHub server = new FakeHub();
    private final List<String> notes = new ArrayList<>();
    private final HubListener listener = new HubListener() {
        @Override
        public void note(String text) {
            notes.add(text);
        }
    };

    @BeforeEach
    void publish() {
        for (int i = 0; i < WEIGHTS.length; i++) {
            WEIGHTS[i] = (byte) ((i * 31) >> 3);
        }
        server.file("config.json", "{}")
                .file("tokenizer.json", "{\"a\":1}")
                .file("additional_chat_templates/tool_use.jinja", "{{ 1 }}")
                .file("README.md", "# no")
                .file("modeling_name.py", "import os")
                .file("pytorch_model.bin", new byte[] {1})
                .file("consolidated.safetensors", new byte[] {2})
                .file("model.safetensors", WEIGHTS);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Path resolve(String name, String... variables) throws IOException {
        return new Hub(server.settings(cache, variables)).resolve(name, listener);
    }

    @Test
    void aNameBecomesADirectoryWithWhatAModelNeedsAndNothingElse() throws IOException {
        Path directory = resolve("org/name");
        Path folder = cache.resolve("models--org--name");
        assertThat(directory).isEqualTo(folder.resolve("snapshots").resolve(FakeHub.COMMIT));
        try (Stream<Path> all = Files.walk(directory)) {
            assertThat(all.filter(Files::isRegularFile)
                            .map(file -> directory.relativize(file).toString().replace('\\', '/')))
                    .containsExactlyInAnyOrder(
                            "config.json",
                            "tokenizer.json",
                            "model.safetensors",
                            "additional_chat_templates/tool_use.jinja");
        }
        assertThat(directory.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(folder.resolve("refs/main")).hasContent(FakeHub.COMMIT);
    }

    @Test
    void contentIsNamedByItsHashAndLinkedRelatively() throws IOException {
        Path directory = resolve("org/name");
        // sha1("blob 2\0{}"), as git hash-object says; and the SHA-256 of the weights.
        assertThat(Files.readSymbolicLink(directory.resolve("config.json")))
                .isEqualTo(Path.of("../../blobs/9e26dfeeb6e641a33dae4961196235bdb965b21b"));
        assertThat(Files.readSymbolicLink(directory.resolve("model.safetensors")))
                .isEqualTo(Path.of("../../blobs", FakeHub.etag("model.safetensors", WEIGHTS)));
        assertThat(Files.readSymbolicLink(directory.resolve("additional_chat_templates/tool_use.jinja")))
                .startsWithRaw(Path.of("../../../blobs"));
        try (Stream<Path> blobs = Files.list(cache.resolve("models--org--name/blobs"))) {
            assertThat(blobs).hasSize(4).noneMatch(blob -> blob.toString().contains("incomplete"));
        }
    }

    @Test
    void whereLinksAreNotAllowedTheFilesAreThereAllTheSame() throws IOException {
        Path directory = resolve("org/name", "HF_HUB_DISABLE_SYMLINKS", "1");
        assertThat(directory.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(Files.isSymbolicLink(directory.resolve("model.safetensors"))).isFalse();
    }

    @Test
    void whatIsThereIsNotLoadedAgain() throws IOException {
        Path first = resolve("org/name");
        server.requests.clear();
        assertThat(resolve("org/name")).isEqualTo(first);
        assertThat(server.requests).containsExactly("GET /api/models/org/name/revision/main - -");
        server.requests.clear();
        assertThat(resolve("org/name@" + FakeHub.COMMIT)).isEqualTo(first);
        assertThat(server.requests).isEmpty();
    }

    @Test
    void aRevisionIsABranchATagOrACommit() throws IOException {
        resolve("org/name@v1");
        resolve("org/name@refs/pr/1");
        resolve("org/name@" + FakeHub.COMMIT);
        assertThat(cache.resolve("models--org--name/refs/v1")).hasContent(FakeHub.COMMIT);
        assertThat(cache.resolve("models--org--name/refs/refs/pr/1")).hasContent(FakeHub.COMMIT);
        assertThat(server.requests).contains("GET /api/models/org/name/revision/refs%2fpr%2f1 - -");
        assertThatThrownBy(() -> resolve("org/name@v2"))
                .isInstanceOf(HubException.class)
                .hasMessage("org/name: has no revision \"v2\" on the hub");
    }

    @Test
    void aNewCommitSharesWhatDidNotChange() throws IOException {
        resolve("org/name");
        server.commit = "f".repeat(40);
        server.file("config.json", "{\"b\":2}");
        server.requests.clear();
        Path second = resolve("org/name");
        assertThat(second.resolve("config.json")).hasContent("{\"b\":2}");
        assertThat(server.downloads()).hasSize(1).allMatch(line -> line.contains("config.json"));
        assertThat(cache.resolve("models--org--name/refs/main")).hasContent("f".repeat(40));
    }

    @Test
    void withoutTheNetworkTheCacheServes() throws IOException {
        Path online = resolve("org/name");
        server.requests.clear();
        assertThat(resolve("org/name", "HF_HUB_OFFLINE", "1")).isEqualTo(online);
        assertThat(resolve("org/name", "TRANSFORMERS_OFFLINE", "yes")).isEqualTo(online);
        assertThat(server.requests).isEmpty();
        server.close();
        assertThat(resolve("org/name")).isEqualTo(online);
        assertThat(notes).hasSize(1).first().asString().contains("cannot be reached", "commit " + FakeHub.COMMIT);
    }

    @Test
    void aCacheOfAnotherToolNeedsOnlyARefAndASnapshot() throws IOException {
        Path snapshot = cache.resolve("models--org--name/snapshots/" + FakeHub.COMMIT);
        Files.createDirectories(snapshot);
        Files.createDirectories(cache.resolve("models--org--name/refs"));
        Files.writeString(cache.resolve("models--org--name/refs/main"), FakeHub.COMMIT + "\n");
        Files.writeString(snapshot.resolve("config.json"), "{}");
        assertThatThrownBy(() -> resolve("org/name", "HF_HUB_OFFLINE", "1"))
                .hasMessageContaining("the cache lacks model.safetensors");
        Files.write(snapshot.resolve("model.safetensors"), WEIGHTS);
        assertThat(resolve("org/name", "HF_HUB_OFFLINE", "1")).isEqualTo(snapshot);
    }

    @Test
    void whatIsNotCachedIsNotAskedForOffline() {
        assertThatThrownBy(() -> resolve("org/name", "HF_HUB_OFFLINE", "1"))
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_CACHED))
                .hasMessageStartingWith("org/name: there is no such directory, and it is not in the cache (")
                .hasMessageEndingWith("HF_HUB_OFFLINE is set, so the hub is not asked");
        assertThat(server.requests).isEmpty();
    }

    @Test
    void shardsAreThoseThatTheIndexNames() throws IOException {
        server.without("model.safetensors")
                .file("model-00001-of-00002.safetensors", new byte[] {1})
                .file("model-00002-of-00002.safetensors", new byte[] {2})
                .file("model-00001-of-00009.safetensors", new byte[] {3})
                .file(
                        "model.safetensors.index.json",
                        "{\"weight_map\":{\"a\":\"model-00001-of-00002.safetensors\","
                                + "\"b\":\"model-00002-of-00002.safetensors\"}}");
        Path directory = resolve("org/name");
        assertThat(directory.resolve("model-00002-of-00002.safetensors")).exists();
        assertThat(directory.resolve("model-00001-of-00009.safetensors")).doesNotExist();
        Files.delete(directory.resolve("model-00002-of-00002.safetensors"));
        assertThatThrownBy(() -> resolve("org/name", "HF_HUB_OFFLINE", "1"))
                .hasMessageContaining("the cache lacks model-00002-of-00002.safetensors");
    }

    @Test
    void anIndexCannotNameAPlaceOutside() {
        server.without("model.safetensors")
                .file("model.safetensors.index.json", "{\"weight_map\":{\"a\":\"../../x.safetensors\"}}");
        assertThatThrownBy(() -> resolve("org/name"))
                .hasMessageContaining("names \"../../x.safetensors\", which is not the plain name");
        server.commit = "f".repeat(40);
        server.file("model.safetensors.index.json", "{\"weight_map\":{\"a\":\"x.safetensors\"}}");
        assertThatThrownBy(() -> resolve("org/name")).hasMessageContaining("names x.safetensors, which is not there");
    }

    @Test
    void picklesAreNotLoadedButExplained() {
        server.without("model.safetensors").without("consolidated.safetensors");
        assertThatThrownBy(() -> resolve("org/name"))
                .hasMessageContaining(
                        "only as pytorch_model.bin, a pickle, which is never opened; convert it with: python");
        assertThat(server.downloads()).isEmpty();
    }

    @Test
    void anAdapterIsLoadedWithItsWeights() throws IOException {
        server.without("config.json")
                .without("model.safetensors")
                .file("adapter_config.json", "{}")
                .file("rlhf4j_base.json", "{}")
                .file("adapter_model.safetensors", WEIGHTS);
        assertThat(resolve("org/name").resolve("adapter_model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(resolve("org/name", "HF_HUB_OFFLINE", "1").resolve("rlhf4j_base.json"))
                .hasContent("{}");
    }

    @Test
    void aDirectoryThatIsThereComesBeforeTheHub() throws IOException {
        assertThat(resolve(cache.toString())).isEqualTo(cache);
        assertThat(server.requests).isEmpty();
        assertThatThrownBy(() -> resolve("no/such/directory"))
                .isInstanceOf(DataFormatException.class)
                .hasMessage("no/such/directory: there is no such directory, and it is no name of a model on the hub"
                        + " (org/name)");
        assertThatThrownBy(() -> resolve("/no/such")).hasMessage(Path.of("/no/such") + ": there is no such directory");
        assertThatThrownBy(() -> resolve("org/other"))
                .hasMessageStartingWith("org/other: there is no such directory, and no such model on the hub (http");
    }

    @Test
    void theTokenGoesToTheHubAndToNobodyElse() throws IOException {
        server.requiredToken = "hf_secret";
        assertThatThrownBy(() -> resolve("org/name"))
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DENIED))
                .hasMessageContaining("is gated: ask for access at http")
                .hasMessageContaining("set HF_TOKEN");
        assertThatThrownBy(() -> resolve("org/name", "HF_TOKEN", "hf_other"))
                .hasMessageContaining("the token in HF_TOKEN may not read it");
        server.requests.clear();
        resolve("org/name", "HF_TOKEN", " hf_secret\n");
        assertThat(server.requests.stream().filter(line -> line.contains("/blob/")))
                .hasSize(1)
                .allMatch(line -> line.endsWith(" -"));
        assertThat(server.requests.stream().filter(line -> !line.contains("/blob/")))
                .isNotEmpty()
                .allMatch(line -> line.endsWith(" Bearer hf_secret"));
    }

    @Test
    void twoDownloadsAtATimeLoadEveryByteOnce() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Future<Path>> both = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                both.add(pool.submit(() -> new Hub(server.settings(cache)).resolve("org/name", HubListener.NONE)));
            }
            for (Future<Path> each : both) {
                assertThat(each.get().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
            }
        } finally {
            pool.shutdown();
        }
        assertThat(server.requests.stream().filter(line -> line.contains("/blob/")))
                .hasSize(1);
    }

    @Test
    void aRevisionIsAskedForOnceInTheLifeOfAHub() throws IOException {
        Hub hub = new Hub(server.settings(cache));
        HubModel model = hub.download(NAME, listener);
        server.commit = "e".repeat(40);
        assertThat(hub.download(NAME, listener)).isEqualTo(model);
        assertThat(model.commit()).isEqualTo(FakeHub.COMMIT);
    }

    @Test
    void aServerThatIsNoHubIsToldApart() {
        server.fault("api", (exchange, content) -> {
            byte[] page = "<html>welcome</html>".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
        });
        assertThatThrownBy(() -> resolve("org/name")).hasMessageContaining("is not answered as by a hub");
    }
}
