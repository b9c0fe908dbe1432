package org.rlhf4j.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.safetensors.DType;
import org.rlhf4j.core.safetensors.SafetensorsFile;
import org.rlhf4j.core.safetensors.SafetensorsWriter;
import org.rlhf4j.core.safetensors.TensorSource;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.text.ByteLevelTokenizer;
import org.rlhf4j.lm.text.EncodingPolicy;
import org.rlhf4j.lm.text.TextTokenizer;
import org.rlhf4j.testing.Golden;

class CheckpointTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path parent;

    private Path golden(String name) {
        return Golden.copyDirectory("models/" + name, parent);
    }

    /** Rewrites the weights of a single-file checkpoint. */
    private static void edit(Path directory, Consumer<List<TensorSource>> change) throws IOException {
        Path file = directory.resolve("model.safetensors");
        List<TensorSource> tensors = new ArrayList<>();
        try (SafetensorsFile in = SafetensorsFile.open(file)) {
            in.tensors()
                    .forEach(info -> tensors.add(TensorSource.of(
                            info.name(),
                            in.readFloats(info.name(), SafetensorsFile.NonFinite.ALLOW),
                            info.shape(),
                            DType.F32)));
        }
        change.accept(tensors);
        Files.delete(file);
        SafetensorsWriter.write(Storage.disk(), file, tensors);
    }

    private static TensorSource zeros(String name, long... shape) {
        Shape dimensions = new Shape(shape);
        return TensorSource.of(name, new float[Math.toIntExact(dimensions.size())], dimensions, DType.F32);
    }

    private static void config(Path directory, Consumer<ObjectNode> change) throws IOException {
        Path file = directory.resolve("config.json");
        ObjectNode json = (ObjectNode) Json.read(file);
        change.accept(json);
        Files.writeString(file, Json.pretty(json));
    }

    private static void refused(Path directory, String... parts) {
        var thrown = assertThatThrownBy(() -> {
                    try (Checkpoint checkpoint = Checkpoint.open(directory)) {
                        checkpoint.load().close();
                    }
                })
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith(directory.toString());
        for (String part : parts) {
            thrown.hasMessageContaining(part);
        }
    }

    @Test
    void missingAndUnexpectedTensorsAreErrorsThatListBoth() throws IOException {
        Path directory = golden("llama_gqa");
        edit(directory, tensors -> {
            tensors.removeIf(tensor -> tensor.name().equals("model.norm.weight"));
            tensors.add(zeros("model.norm.wieght", 24));
        });
        refused(
                directory,
                "the tensors do not fit config.json: missing 1 (model.norm.weight); unexpected 1 (model.norm.wieght)");
    }

    @Test
    void aMissingHeadIsNotInvented() throws IOException {
        Path directory = golden("llama_gqa");
        edit(directory, tensors -> tensors.removeIf(tensor -> tensor.name().equals("lm_head.weight")));
        refused(directory, "missing 1 (lm_head.weight); unexpected none");
    }

    @Test
    void longListsAreCutWithACount() throws IOException {
        Path directory = golden("llama_gqa");
        config(directory, json -> json.put("num_hidden_layers", 7));
        // Five more layers of nine tensors each.
        refused(directory, "missing 45 (model.layers.2.input_layernorm.weight, ", " and 25 more); unexpected none");
    }

    @Test
    void shapesMustBeThoseOfTheConfiguration() throws IOException {
        Path directory = golden("llama_gqa");
        config(directory, json -> json.put("intermediate_size", 48));
        refused(directory, "model.layers.0.mlp.gate_proj.weight is (32, 24), should be (48, 24)");
    }

    @Test
    void rotaryBuffersAreLeftOutAndTold() throws IOException {
        Path directory = golden("llama_gqa");
        edit(directory, tensors -> tensors.add(zeros("model.layers.0.self_attn.rotary_emb.inv_freq", 3)));
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            assertThat(checkpoint.droppedTensors()).containsExactly("model.layers.0.self_attn.rotary_emb.inv_freq");
            checkpoint.load().close();
        }
    }

    @Test
    void aTiedHeadThatIsWrittenOutMustEqualTheEmbedding() throws IOException {
        Path same = golden("llama3_tied");
        edit(
                same,
                tensors -> tensors.stream()
                        .filter(tensor -> tensor.name().equals("model.embed_tokens.weight"))
                        .findFirst()
                        .ifPresent(tensor -> tensors.add(new TensorSource(
                                "lm_head.weight", tensor.shape(), tensor.dtype(), tensor.elements()))));
        try (Checkpoint checkpoint = Checkpoint.open(same)) {
            assertThat(checkpoint.load().names()).doesNotContain("lm_head.weight");
        }
        edit(same, tensors -> {
            tensors.removeIf(tensor -> tensor.name().equals("lm_head.weight"));
            tensors.add(zeros("lm_head.weight", 61, 24));
        });
        refused(same, "ties lm_head.weight to the embedding, but the two differ");
    }

    @Test
    void weightsThatAreNotFiniteAreRefused() throws IOException {
        Path directory = golden("llama_gqa");
        Path file = directory.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(file);
        // The last four bytes of the data, as the infinity of float32.
        bytes[bytes.length - 1] = 0x7f;
        bytes[bytes.length - 2] = (byte) 0x80;
        bytes[bytes.length - 3] = 0;
        bytes[bytes.length - 4] = 0;
        Files.write(file, bytes);
        refused(directory, "NaN or infinite");
    }

    @Test
    void picklesAreNamedAndNotOpened() throws IOException {
        Path directory = golden("llama_gqa");
        Files.move(directory.resolve("model.safetensors"), directory.resolve("pytorch_model.bin"));
        refused(directory, "pytorch_model.bin is a pickle, which is never opened");
    }

    @Test
    void whatIsNoModelDirectoryIsNamed() throws IOException {
        refused(parent.resolve("absent"), "there is no such directory");
        Path file = Files.writeString(parent.resolve("file"), "x");
        refused(file, "is not a directory");
        Path empty = Files.createDirectory(parent.resolve("empty"));
        refused(empty, "config.json: there is no such file");
    }

    @Test
    void aClassifierWithSeveralLabelsIsNoRewardModel() throws IOException {
        Path directory = golden("llama_rm");
        config(directory, json -> {
            json.remove("num_labels");
            json.set("id2label", Json.parse("{\"0\":\"a\",\"1\":\"b\"}"));
        });
        refused(directory, "is a classifier with 2 labels; a reward model has one");
    }

    @Test
    void aRewardModelIsNoLanguageModel() {
        Path directory = golden("llama_rm");
        assertThatThrownBy(() -> LanguageModel.open(directory))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("holds a reward model");
    }

    @Test
    void theDecoderLoadsWithoutItsHead() {
        try (Checkpoint checkpoint = Checkpoint.open(golden("llama_gqa"));
                Parameters weights = checkpoint.loadBackbone()) {
            assertThat(weights.names())
                    .contains("model.norm.weight")
                    .doesNotContain("lm_head.weight", ScalarHead.WEIGHT);
        }
    }

    static Stream<String> models() {
        return DecoderParityTest.models();
    }

    @ParameterizedTest
    @MethodSource("models")
    void whatIsSavedOpensWithTheSameWeightsInTheSameFormat(String name) throws IOException {
        Path target = parent.resolve("saved/deep");
        try (Checkpoint checkpoint = Checkpoint.open(golden(name));
                Parameters weights = checkpoint.load()) {
            Checkpoint.save(
                    Storage.disk(),
                    target,
                    new Checkpoint.Content(
                            checkpoint.config(),
                            checkpoint.head(),
                            weights,
                            checkpoint.format(),
                            checkpoint.carriedFiles(),
                            null));
            try (Checkpoint again = Checkpoint.open(target);
                    Parameters reread = again.load()) {
                assertThat(again.head()).isEqualTo(checkpoint.head());
                assertThat(again.format()).isEqualTo(checkpoint.format());
                assertThat(again.parameters()).isEqualTo(weights.count());
                assertThat(reread.names()).containsExactlyElementsOf(weights.names());
                for (String tensor : weights.names()) {
                    assertThat(floats(reread, tensor)).as(tensor).isEqualTo(floats(weights, tensor));
                }
            }
            checkpoint
                    .carriedFiles()
                    .forEach((file, content) -> assertThat(target.resolve(file)).hasBinaryContent(content));
        }
        try (Stream<Path> files = Files.list(target.resolveSibling("deep").getParent())) {
            assertThat(files).as("nothing temporary is left").containsExactly(target);
        }
    }

    private static float[] floats(Parameters weights, String name) {
        return Torch.call(() -> HostCopy.toFloats(weights.get(name)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama_f16", "llama_bf16"})
    void halfPrecisionFilesKeepTheirFormat(String name) {
        try (Checkpoint checkpoint = Checkpoint.open(golden(name))) {
            assertThat(checkpoint.format())
                    .isEqualTo(WeightFormat.named(name.equals("llama_f16") ? "float16" : "bfloat16"));
        }
    }

    @Test
    void aScorerWithoutPaddingTokenIsNotSaved() {
        ModelConfig config = TestModels.read(TestModels.config());
        try (Parameters weights = TestModels.weights(config, false)) {
            assertThatThrownBy(() ->
                            new Checkpoint.Content(config, Head.SCALAR, weights, WeightFormat.FLOAT32, Map.of(), null))
                    .hasMessageContaining("pad_token_id");
        }
    }

    @Test
    void aDirectoryWithFilesIsNotOverwritten() throws IOException {
        Path target = Files.createDirectory(parent.resolve("full"));
        Files.writeString(target.resolve("notes.txt"), "mine");
        try (LanguageModel model = LanguageModel.open(golden("llama_gqa"))) {
            assertThatThrownBy(() -> model.save(target))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("exists already and is not empty");
        }
        assertThat(target).isDirectoryContaining("glob:**/notes.txt");
        try (Stream<Path> files = Files.list(target)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void theTokenizerMustBeTheOneOfTheModel() throws IOException {
        Path model = parent.resolve("model");
        Map<String, byte[]> files = ByteLevelTokenizer.files(4096);
        ModelPreset.TINY.create(Storage.disk(), model, files, 1);
        Path trained = parent.resolve("trained");
        try (Checkpoint checkpoint = Checkpoint.open(model);
                TextTokenizer tokenizer = checkpoint.openTokenizer();
                Parameters weights = checkpoint.load()) {
            ModelSidecar sidecar = new ModelSidecar(EncodingPolicy.of(tokenizer, 128), tokenizer.sha256(), null);
            Checkpoint.save(
                    Storage.disk(),
                    trained,
                    new Checkpoint.Content(
                            checkpoint.config(),
                            Head.LANGUAGE_MODEL,
                            weights,
                            WeightFormat.FLOAT32,
                            checkpoint.carriedFiles(),
                            sidecar));
        }
        try (Checkpoint checkpoint = Checkpoint.open(trained)) {
            assertThat(checkpoint.sidecar().orElseThrow().encoding().maxLength())
                    .isEqualTo(128);
            checkpoint.openTokenizer().close();
        }
        Path json = trained.resolve("tokenizer.json");
        Files.writeString(json, Files.readString(json) + "\n");
        try (Checkpoint checkpoint = Checkpoint.open(trained)) {
            assertThatThrownBy(checkpoint::openTokenizer)
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining("tokenizer.json is not the one that this model was trained with");
        }
    }
}
