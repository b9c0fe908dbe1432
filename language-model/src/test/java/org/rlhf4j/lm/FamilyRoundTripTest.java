package org.rlhf4j.lm;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.VocabularyHead;
import org.rlhf4j.lm.lora.LoraConfig;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.testing.Golden;

/** Every family is saved and read again as the same model, and takes an adapter that can be merged. */
class FamilyRoundTripTest {
    private static final double TOLERANCE = 3e-6;

    private static final List<EncodedExample> ROWS = List.of(
            new EncodedExample(new int[] {3, 5, 9, 4, 17, 6, 11, 8, 8, 15}, 2),
            new EncodedExample(new int[] {7, 6, 12, 4, 4, 18, 10}, 1));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    static Stream<String> languageModels() {
        return DecoderParityTest.languageModels();
    }

    private LanguageModel open(String name) {
        Path there = folder.resolve(name);
        return LanguageModel.open(Files.isDirectory(there) ? there : Golden.copyDirectory("models/" + name, folder));
    }

    @ParameterizedTest
    @MethodSource("languageModels")
    void aSavedModelIsTheSameModel(String name) throws IOException {
        Path saved = folder.resolve("saved");
        try (LanguageModel model = open(name)) {
            model.save(saved);
            try (LanguageModel again = LanguageModel.open(saved)) {
                assertThat(again.logits(PaddedBatch.of(ROWS))).isDeepEqualTo(model.logits(PaddedBatch.of(ROWS)));
                assertThat(again.config().family()).isEqualTo(model.config().family());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama_linear",
                "mistral",
                "qwen2",
                "qwen3",
                "smollm3",
                "gemma",
                "gemma2",
                "gemma3",
                "phi3",
                "olmo2",
                "gpt2",
                "gpt_neox",
                "falcon_40b"
            })
    void anAdapterOnEveryLinearMapIsMerged(String name, TestReporter reporter) throws IOException {
        LoraConfig config = new LoraConfig(3, 8, 0, List.of(LoraConfig.ALL_LINEAR), false, false);
        Path saved = folder.resolve("adapter");
        try (LanguageModel plain = open(name);
                LanguageModel model = open(name).withAdapter(config, 1)) {
            randomize(model);
            float[][][] adapted = model.logits(PaddedBatch.of(ROWS));
            assertThat(adapted[0][0]).isNotEqualTo(plain.logits(PaddedBatch.of(ROWS))[0][0]);
            model.save(saved);
            double worst = difference(merged(saved), adapted);
            reporter.publishEntry(name, String.format(Locale.ROOT, "merged %.1e of the largest logit", worst));
            assertThat(worst).isLessThan(TOLERANCE);
        }
    }

    private static float[] merged(Path adapter) {
        try (Checkpoint checkpoint = Checkpoint.open(adapter);
                Parameters weights = checkpoint.base().merge(checkpoint.load())) {
            ModelConfig config = checkpoint.decoderConfig();
            Decoder decoder = new Decoder(config, weights);
            VocabularyHead head = new VocabularyHead(
                    weights.get(TensorNames.logits(config)), config.logitCap().orElse(0));
            return Torch.call(
                    () -> Scope.call(() -> HostCopy.toFloats(head.logits(decoder.hidden(PaddedBatch.of(ROWS))))));
        }
    }

    private static void randomize(LanguageModel model) {
        Torch.run(() -> model.parameters().names().forEach(name -> {
            NDArray weight = model.parameters().get(name);
            SeededStream stream = SeededStream.of(5, name);
            float[] values = HostCopy.toFloats(weight);
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (0.2 * stream.nextGaussian());
            }
            HostCopy.write(weight, values);
        }));
    }

    /** The largest difference at real tokens, as a share of the largest logit. */
    private static double difference(float[] flat, float[][][] expected) {
        double worst = 0;
        double largest = 0;
        int width = expected[0].length;
        int vocabulary = expected[0][0].length;
        for (int row = 0; row < expected.length; row++) {
            for (int column = 0; column < ROWS.get(row).length(); column++) {
                for (int token = 0; token < vocabulary; token++) {
                    float value = expected[row][column][token];
                    largest = Math.max(largest, Math.abs(value));
                    worst = Math.max(worst, Math.abs(flat[(row * width + column) * vocabulary + token] - value));
                }
            }
        }
        return worst / largest;
    }

    /** Leaves saved models with a probe each under the property {@code rlhf4j.saved}, for {@code check/open_saved.py}. */
    @ParameterizedTest
    @MethodSource("languageModels")
    @Tag("slow")
    void savedModelsForTransformers(String name) throws IOException {
        Path target =
                Path.of(System.getProperty("rlhf4j.saved", folder.toString())).resolve("saved-" + name);
        JsonNode golden = Golden.json("models/" + name + "/golden");
        try (LanguageModel model = open(name)) {
            model.save(target);
        }
        ObjectNode probe = Json.mapper().createObjectNode();
        ArrayNode cases = probe.putArray("cases");
        for (int row = 0; row < golden.get("sequences").size(); row++) {
            ObjectNode one = cases.addObject();
            one.putArray("ids").add(golden.get("sequences").get(row));
            one.putArray("expected").add(golden.get("logits").get(row));
        }
        Files.writeString(target.resolve("probe.json"), Json.pretty(probe));
        assertThat(target.resolve("config.json")).isRegularFile();
    }
}
