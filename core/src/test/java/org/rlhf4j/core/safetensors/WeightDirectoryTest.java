package org.rlhf4j.core.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.safetensors.SafetensorsFile.NonFinite;
import org.rlhf4j.testing.Golden;

final class WeightDirectoryTest {
    private static final String FIRST = "model-00001-of-00002.safetensors";
    private static final String SECOND = "model-00002-of-00002.safetensors";

    private final Path directory;

    WeightDirectoryTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void shardsThatTransformersWroteAreRead() {
        Path model = Golden.copyDirectory("models/llama_sharded", directory);
        try (WeightDirectory weights = WeightDirectory.open(model)) {
            assertThat(weights.files()).hasSizeGreaterThan(1);
            assertThat(weights.names()).contains("model.embed_tokens.weight", "model.norm.weight");
            for (String name : weights.names()) {
                assertThat(weights.readFloats(name, NonFinite.REFUSE))
                        .hasSize((int) weights.info(name).elements());
            }
        }
    }

    @Test
    void anIndexThatAgreesWithItsShardsIsRead() {
        shards(Map.of("a", FIRST, "b", SECOND));
        try (WeightDirectory weights = WeightDirectory.open(directory)) {
            assertThat(weights.names()).containsExactly("a", "b");
            assertThat(weights.readFloats("b", NonFinite.REFUSE)).containsExactly(1);
            assertThatThrownBy(() -> weights.info("aa"))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageEndingWith("holds no tensor \"aa\"; the nearest is \"a\"");
        }
    }

    @Test
    void anIndexCannotNameFilesElsewhere() throws IOException {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Path model = Files.createDirectory(directory.resolve("model"));
        write(outside.resolve("x.safetensors"), "a");
        for (String file : List.of(
                "../outside/x.safetensors",
                outside.resolve("x.safetensors").toString(),
                "..\\x.safetensors",
                "sub/x.safetensors",
                "model.bin",
                "")) {
            index(model, Map.of("a", file));
            assertThatThrownBy(() -> WeightDirectory.open(model))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining("not the plain name of a .safetensors file");
        }
    }

    @Test
    void linksLeadNowhereElseButToTheHuggingFaceCache() throws IOException {
        Path repository = Files.createDirectories(directory.resolve("models--x"));
        Path snapshot = Files.createDirectories(repository.resolve("snapshots").resolve("1"));
        Path blob = write(Files.createDirectory(repository.resolve("blobs")).resolve("abc"), "a");
        Path link = Files.createSymbolicLink(snapshot.resolve("model.safetensors"), Path.of("../../blobs/abc"));
        try (WeightDirectory weights = WeightDirectory.open(snapshot)) {
            assertThat(weights.names()).containsExactly("a");
        }
        // huggingface_hub 1.33 keeps content that several models share in one place, to which the blob is a link.
        Path shared = Files.createDirectories(directory.resolve("blobs/ab")).resolve("abc");
        Files.move(blob, shared);
        Files.createSymbolicLink(blob, Path.of("../../blobs/ab/abc"));
        try (WeightDirectory weights = WeightDirectory.open(snapshot)) {
            assertThat(weights.names()).containsExactly("a");
        }
        Files.delete(link);
        Path elsewhere = Files.move(shared, directory.resolve("elsewhere"));
        Files.createSymbolicLink(link, elsewhere);
        assertThatThrownBy(() -> WeightDirectory.open(snapshot))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("is a link to")
                .hasMessageContaining("outside the model's directory");
    }

    @Test
    void missingExtraAndDisagreeingShardsAreNamed() throws IOException {
        shards(Map.of("a", FIRST, "b", SECOND));
        Files.delete(directory.resolve(SECOND));
        refused(SECOND + ": there is no such file");

        shards(Map.of("a", FIRST, "b", SECOND));
        write(directory.resolve("model-00003-of-00003.safetensors"), "c");
        refused("holds model-00003-of-00003.safetensors, which model.safetensors.index.json does not name");
        Files.delete(directory.resolve("model-00003-of-00003.safetensors"));

        index(directory, Map.of("a", FIRST, "b", SECOND, "c", SECOND));
        refused("sends tensor \"c\" to \"" + SECOND + "\", which does not hold it");

        index(directory, Map.of("a", SECOND, "b", FIRST));
        refused("which does not hold it");

        write(directory.resolve(SECOND), "b", "c");
        index(directory, Map.of("a", FIRST, "b", SECOND));
        refused("does not list tensor \"c\", which is in " + SECOND);

        write(directory.resolve(SECOND), "a", "b");
        refused(SECOND + ": tensor \"a\" is also in " + FIRST);
    }

    @Test
    void oneFileAndAnIndexTogetherAreRefused() {
        shards(Map.of("a", FIRST, "b", SECOND));
        write(directory.resolve("model.safetensors"), "a");
        refused("holds both model.safetensors and model.safetensors.index.json");
    }

    @Test
    void anIndexWithoutAMapIsRefused() throws IOException {
        for (String json :
                List.of("{}", "{\"weight_map\":{}}", "{\"weight_map\":[]}", "[]", "{\"weight_map\":{\"a\":1}}")) {
            Files.writeString(directory.resolve("model.safetensors.index.json"), json);
            assertThatThrownBy(() -> WeightDirectory.open(directory)).isInstanceOf(DataFormatException.class);
        }
    }

    @Test
    void picklesAreNamedAndNotOpened() throws IOException {
        refused("holds neither model.safetensors nor model.safetensors.index.json");
        Files.write(directory.resolve("pytorch_model.bin"), new byte[] {(byte) 0x80, 2});
        refused("pytorch_model.bin is a pickle, which is never opened");
    }

    private void refused(String reason) {
        assertThatThrownBy(() -> WeightDirectory.open(directory))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining(reason);
    }

    /** Two shards with the tensors that the map sends to them, and its index. */
    private void shards(Map<String, String> weightMap) {
        for (String file : List.of(FIRST, SECOND)) {
            write(
                    directory.resolve(file),
                    weightMap.keySet().stream()
                            .filter(name -> file.equals(weightMap.get(name)))
                            .toArray(String[]::new));
        }
        index(directory, weightMap);
    }

    private static void index(Path directory, Map<String, String> weightMap) {
        Map<String, Object> index = Map.of("metadata", Map.of("total_size", 8), "weight_map", weightMap);
        try {
            Files.writeString(directory.resolve("model.safetensors.index.json"), Json.pretty(index));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path write(Path file, String... tensors) {
        try {
            SafetensorsWriter.write(
                    Storage.disk(),
                    file,
                    List.of(tensors).stream()
                            .map(name -> TensorSource.of(name, new float[] {1}, new Shape(1), DType.F32))
                            .toList());
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
