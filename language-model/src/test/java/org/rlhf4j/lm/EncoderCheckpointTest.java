package org.rlhf4j.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.safetensors.DType;
import org.rlhf4j.core.safetensors.SafetensorsFile.NonFinite;
import org.rlhf4j.core.safetensors.TensorSource;
import org.rlhf4j.core.safetensors.WeightDirectory;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.testing.Golden;

/** Files of encoders as they are found: with the heads of pre-training, under older names, bare, and damaged. */
class EncoderCheckpointTest {
    @TempDir
    private Path parent;

    /** A golden model with its tensors under other names; an empty name leaves one out. */
    private Path renamed(String name, UnaryOperator<String> naming, Map<String, Shape> more) throws Exception {
        Path golden = Golden.copyDirectory("encoders/" + name, parent);
        Path target = parent.resolve("renamed");
        try (WeightDirectory files = WeightDirectory.open(golden);
                Parameters weights = new Parameters()) {
            Torch.run(() -> {
                for (String tensor : files.names()) {
                    String other = naming.apply(tensor);
                    if (!other.isEmpty()) {
                        weights.put(other, files.read(tensor, weights.manager(), NonFinite.REFUSE));
                    }
                }
                more.forEach((tensor, shape) -> weights.put(
                        tensor, HostCopy.create(weights.manager(), shape, new float[Math.toIntExact(shape.size())])));
                List<TensorSource> tensors = new ArrayList<>();
                weights.names().forEach(each -> tensors.add(TensorSource.of(each, weights.get(each), DType.F32)));
                CheckpointWriter.write(
                        Storage.disk(),
                        target,
                        (ObjectNode) Json.read(golden.resolve("config.json")),
                        ModelFiles.carried(golden),
                        tensors);
            });
        }
        return target;
    }

    private static String withoutClassifier(String tensor) {
        return tensor.startsWith("classifier") ? "" : tensor;
    }

    private static boolean isSame(Parameters left, Parameters right, String name) {
        return Torch.call(() -> left.get(name).contentEquals(right.get(name)));
    }

    @Test
    void theHubsBertOpensWithAFreshClassifierAndItsOwnPooler() throws Exception {
        // bert-base-uncased: gamma and beta, the heads of its pre-training, a buffer of positions.
        Map<String, Shape> heads = new LinkedHashMap<>();
        heads.put("cls.predictions.bias", new Shape(23));
        heads.put("cls.seq_relationship.weight", new Shape(2, 16));
        heads.put("bert.embeddings.position_ids", new Shape(1, 128));
        Path directory = renamed(
                "bert",
                tensor -> tensor.startsWith("classifier")
                        ? ""
                        : tensor.replace("LayerNorm.weight", "LayerNorm.gamma")
                                .replace("LayerNorm.bias", "LayerNorm.beta"),
                heads);
        try (Checkpoint hub = Checkpoint.open(directory);
                Checkpoint golden = Checkpoint.open(parent.resolve("bert"));
                Parameters whole = golden.load();
                Parameters weights = hub.loadBackbone()) {
            assertThat(hub.head()).isEqualTo(Head.NONE);
            assertThat(hub.droppedTensors()).containsExactlyInAnyOrderElementsOf(heads.keySet());
            hub.config().addScalarHead(weights, 7);
            assertThat(weights.names()).containsExactlyInAnyOrderElementsOf(whole.names());
            for (String name : weights.names()) {
                assertThat(isSame(weights, whole, name)).as(name).isEqualTo(!name.startsWith("classifier"));
            }
            assertThat(Torch.call(() -> HostCopy.toFloats(weights.get("classifier.bias"))))
                    .containsExactly(0f);
            try (Parameters again = hub.loadBackbone()) {
                hub.config().addScalarHead(again, 7);
                assertThat(isSame(weights, again, "classifier.weight")).isTrue();
                try (Parameters other = hub.loadBackbone()) {
                    hub.config().addScalarHead(other, 8);
                    assertThat(isSame(other, again, "classifier.weight")).isFalse();
                }
            }
        }
    }

    static Stream<Arguments> prefixes() {
        return Stream.of(
                Arguments.of("bert", "bert."),
                Arguments.of("distilbert", "distilbert."),
                Arguments.of("electra", "electra."),
                Arguments.of("deberta_v3", "deberta."),
                Arguments.of("modernbert", "model."));
    }

    @ParameterizedTest
    @MethodSource("prefixes")
    void aBareBackboneOpensWithoutItsPrefix(String name, String prefix) throws Exception {
        Path directory =
                renamed(name, tensor -> tensor.startsWith(prefix) ? tensor.substring(prefix.length()) : "", Map.of());
        try (Checkpoint bare = Checkpoint.open(directory);
                Parameters weights = bare.loadBackbone()) {
            assertThat(bare.head()).isEqualTo(Head.NONE);
            assertThat(weights.names())
                    .containsAll(bare.config().backboneTensors().keySet());
        }
    }

    @Test
    void theHeadOfModernBertThatPreTrainingLeftIsKept() throws Exception {
        Path directory =
                renamed("modernbert", EncoderCheckpointTest::withoutClassifier, Map.of("decoder.bias", new Shape(23)));
        try (Checkpoint checkpoint = Checkpoint.open(directory);
                Parameters weights = checkpoint.loadBackbone()) {
            assertThat(weights.names()).contains("head.dense.weight", "head.norm.weight");
            assertThat(checkpoint.droppedTensors()).containsExactly("decoder.bias");
            checkpoint.config().addScalarHead(weights, 1);
            assertThat(weights.names())
                    .contains("classifier.weight", "classifier.bias")
                    .doesNotContain("head.dense.bias");
        }
    }

    @Test
    void aMissingTensorOfTheBackboneIsAnErrorAndSoIsAnUnknownOne() throws Exception {
        Path directory = renamed(
                "bert",
                tensor -> tensor.equals("bert.encoder.layer.1.output.LayerNorm.bias") ? "" : tensor,
                Map.of("bert.extra", new Shape(1)));
        assertThatThrownBy(() -> Checkpoint.open(directory))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("missing 1 (bert.encoder.layer.1.output.LayerNorm.bias)")
                .hasMessageContaining("unexpected 1 (bert.extra)");
    }

    @Test
    void aTensorUnderTwoNamesIsAnError() throws Exception {
        Path directory = renamed("bert", tensor -> tensor, Map.of("bert.embeddings.LayerNorm.gamma", new Shape(16)));
        assertThatThrownBy(() -> Checkpoint.open(directory))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("have bert.embeddings.LayerNorm.weight twice");
    }

    @Test
    void aLanguageModelIsNotMadeOfAnEncoder() {
        Path directory = Golden.copyDirectory("encoders/bert", parent);
        assertThatThrownBy(() -> LanguageModel.open(directory))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("is an encoder (bert), which gives scores and writes no text");
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                refusal("bert", json -> json.put("position_embedding_type", "relative_key"), "position_embedding_type"),
                refusal("bert", json -> json.put("is_decoder", true), "is_decoder"),
                refusal("bert", json -> json.put("hidden_act", "glu"), "unknown activation \"glu\""),
                refusal("bert", json -> json.put("hidden_size", 15), "not a multiple of 2 heads"),
                refusal("bert", json -> json.put("layer_norm_eps", 0.0), "layer_norm_eps"),
                refusal("bert", json -> json.putObject("quantization_config"), "quantization_config"),
                refusal("roberta", json -> json.putNull("pad_token_id"), "pad_token_id"),
                refusal("deberta_v3", json -> json.put("conv_kernel_size", 3), "conv_kernel_size"),
                refusal("deberta_v3", json -> json.put("pos_att_type", "p2p"), "pos_att_type"),
                refusal("deberta_v3", json -> json.put("position_buckets", 1), "position_buckets"),
                refusal("modernbert_mean", json -> json.put("classifier_pooling", "max"), "classifier_pooling"),
                refusal("modernbert_mean", json -> json.putArray("layer_types").add("full_attention"), "layer_types"),
                refusal("modernbert", json -> json.put("local_attention", 1), "local_attention"),
                refusal("modernbert", json -> json.putObject("rope_scaling").put("type", "linear"), "rope_scaling"));
    }

    private static Arguments refusal(String name, Consumer<ObjectNode> change, String message) {
        return Arguments.of(name, change, message);
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void aSettingThatIsNotFollowedIsRefusedByName(String name, Consumer<ObjectNode> change, String message) {
        ObjectNode json = Golden.json("encoders/" + name + "/config").deepCopy();
        EncoderConfig.of(json, "config.json");
        change.accept(json);
        assertThatThrownBy(() -> EncoderConfig.of(json, "config.json"))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("config.json")
                .hasMessageContaining(message);
    }
}
