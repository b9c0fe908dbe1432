package org.rlhf4j.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;
import org.rlhf4j.lm.generate.GenerationConfig;
import org.rlhf4j.lm.generate.GenerationListener;
import org.rlhf4j.lm.lora.LoraConfig;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.testing.Golden;
import org.rlhf4j.testing.Property;

class LoraAdapterTest {
    private static final PaddedBatch BATCH = PaddedBatch.of(List.of(
            new EncodedExample(new int[] {1, 5, 9, 3}, 2), new EncodedExample(new int[] {7, 6, 1, 4, 4, 8, 2}, 1)));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private static LoraConfig lora(int rank, double dropout, boolean dora) {
        return new LoraConfig(rank, 8, dropout, List.of(LoraConfig.ALL_LINEAR), false, dora);
    }

    private LanguageModel open(String name) {
        Path there = folder.resolve(name);
        return LanguageModel.open(Files.isDirectory(there) ? there : Golden.copyDirectory("models/" + name, folder));
    }

    /** Random values for every weight of the adapter, B included. */
    private static void randomize(LanguageModel model, long seed) {
        Torch.run(() -> model.parameters().names().forEach(name -> {
            NDArray weight = model.parameters().get(name);
            SeededStream stream = SeededStream.of(seed, name);
            float[] values = HostCopy.toFloats(weight);
            for (int i = 0; i < values.length; i++) {
                double random = 0.2 * stream.nextGaussian();
                values[i] = (float) (name.contains("magnitude") ? values[i] * (1 + random) : random);
            }
            HostCopy.write(weight, values);
        }));
    }

    @Test
    void aFreshAdapterChangesNothing() {
        try (LanguageModel plain = open("llama_linear");
                LanguageModel lora = open("llama_linear").withAdapter(lora(4, 0.5, false), 1);
                LanguageModel dora = open("llama_linear").withAdapter(lora(4, 0.5, true), 1)) {
            float[][][] expected = plain.logits(BATCH);
            assertThat(lora.logits(BATCH)).isDeepEqualTo(expected);
            requireClose(dora.logits(BATCH), expected, 1e-5);
            assertThat(lora.sha256())
                    .as("what reference values are stored under")
                    .isEqualTo(plain.sha256());
        }
    }

    @Test
    void aTrainedAdapterMergesAndSwitchesOff() {
        Property.forAll(
                6, draws -> new int[] {draws.between(1, 9), draws.flip() ? 1 : 0, draws.between(0, 1 << 20)}, drawn -> {
                    LoraConfig config = lora(drawn[0], 0, drawn[1] == 1);
                    try (LanguageModel plain = open("qwen3");
                            LanguageModel model = open("qwen3").withAdapter(config, drawn[2]);
                            LanguageModel reference = model.frozen()) {
                        randomize(model, drawn[2]);
                        float[][][] expected = plain.logits(BATCH);
                        assertThat(reference.logits(BATCH)).isDeepEqualTo(expected);
                        float[][][] adapted = model.logits(BATCH);
                        assertThat(adapted[0][0]).isNotEqualTo(expected[0][0]);
                        Path saved = folder.resolve("saved" + drawn[0] + drawn[1] + drawn[2]);
                        model.save(saved);
                        try (Checkpoint checkpoint = Checkpoint.open(saved);
                                Parameters weights = checkpoint.base().merge(checkpoint.load())) {
                            Decoder merged = new Decoder(checkpoint.decoderConfig(), weights);
                            float[] logits = Torch.call(() -> Scope.call(() -> HostCopy.toFloats(
                                    TorchOps.linear(merged.hidden(BATCH), weights.get("lm_head.weight")))));
                            requireClose(logits, adapted, 1e-5);
                        }
                    }
                });
    }

    @Test
    void aBaseHereIsFoundFromEverywhere() throws IOException {
        Path model = Golden.copyDirectory("models/llama_gqa", folder).toAbsolutePath();
        Path saved = folder.resolve("saved");
        Path relative = Path.of("").toAbsolutePath().relativize(model);
        try (LanguageModel adapted = LanguageModel.open(relative).withAdapter(lora(2, 0, false), 1)) {
            adapted.save(saved);
        }
        Path config = saved.resolve("adapter_config.json");
        String json = Files.readString(config);
        assertThat(json).contains("\"" + model + "\"");
        Files.writeString(config, json.replace(model.toString(), "start"));
        assertThatThrownBy(() -> Checkpoint.open(saved))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining(
                        "belongs to the model \"start\", which is no directory here and no name of the hub")
                .hasMessageContaining("put it at " + Path.of("start").toAbsolutePath())
                .hasMessageContaining("rlhf model merge ADAPTER --base DIR --out DIR");
    }

    @Test
    void aCopyOfATrainedAdapterStaysWhenItIsTrainedOn() {
        try (LanguageModel model = open("llama_gqa").withAdapter(lora(2, 0, false), 1)) {
            randomize(model, 1);
            float[][][] before = model.logits(BATCH);
            try (LanguageModel frozen = model.frozen()) {
                randomize(model, 2);
                assertThat(frozen.logits(BATCH)).isDeepEqualTo(before);
                assertThat(model.logits(BATCH)[0][0]).isNotEqualTo(before[0][0]);
            }
            assertThat(model.logits(BATCH)[0][0]).as("still open").isNotEmpty();
        }
    }

    @Test
    void thereIsOneSetOfBaseWeights() {
        try (LanguageModel model = open("llama_gqa")) {
            NDManager owner = model.parameters().manager();
            model.logits(BATCH);
            int arrays = owner.getManagedArrays().size();
            LanguageModel adapted = model.withAdapter(lora(2, 0, false), 1);
            try (LanguageModel reference = adapted.frozen()) {
                reference.logits(BATCH);
                adapted.logits(BATCH);
                assertThat(reference.decoder().weights()).isSameAs(model.parameters());
                assertThat(adapted.decoder().weights()).isSameAs(model.parameters());
                assertThat(owner.getManagedArrays()).as("the base's own arrays").hasSize(arrays);
                assertThat(adapted.parameters().count())
                        .isLessThan(model.parameters().count() / 2);
            }
            adapted.parameters().close();
        }
    }

    @Test
    void trainingReachesTheAdapterAlone() {
        try (LanguageModel model = open("llama_gqa").withAdapter(lora(2, 0, true), 1)) {
            randomize(model, 3);
            Torch.run(() -> {
                model.parameters().setAllTrainable(true);
                Tape.backward(tape -> model.crossEntropy(tape, BATCH).sum(), 1.0, value -> {});
                model.parameters()
                        .names()
                        .forEach(name -> assertThat(model.parameters()
                                        .get(name)
                                        .getGradient()
                                        .abs()
                                        .max()
                                        .toFloatArray()[0])
                                .as(name)
                                .isPositive());
                Parameters base = model.decoder().weights();
                assertThat(base.trainableNames()).isEmpty();
                base.names()
                        .forEach(name -> assertThat(base.get(name).hasGradient())
                                .as(name)
                                .isFalse());
            });
        }
    }

    /** Without dropout in evaluation; the same masks for the same seed and pass; other masks in the next pass. */
    @Test
    void dropoutIsAFunctionOfSeedAndPass() {
        double[] first = losses(1);
        assertThat(losses(1)).isEqualTo(first);
        assertThat(losses(2)[0]).isNotEqualTo(first[0]);
        assertThat(first[1]).as("the second pass").isNotEqualTo(first[0]);
        assertThat(first[2]).as("evaluation").isNotEqualTo(first[0]);
        assertThat(first[3]).as("evaluation").isEqualTo(first[2]);
    }

    private double[] losses(long seed) {
        try (LanguageModel model = open("llama_gqa").withAdapter(lora(2, 0.5, false), seed)) {
            randomize(model, 4);
            return Torch.call(() -> {
                model.parameters().setAllTrainable(true);
                return new double[] {
                    Tape.backward(tape -> model.crossEntropy(tape, BATCH).sum(), 1.0, value -> {}),
                    Tape.backward(tape -> model.crossEntropy(tape, BATCH).sum(), 1.0, value -> {}),
                    Tape.evaluate(tape -> model.crossEntropy(tape, BATCH).sum()),
                    Tape.evaluate(tape -> model.crossEntropy(tape, BATCH).sum())
                };
            });
        }
    }

    @Test
    void generationHasTheAdapterFoldedIn() {
        GenerationConfig config = GenerationConfig.endingAt(Set.of()).withMaxNewTokens(8);
        List<int[]> prompts = List.of(new int[] {1, 5, 9}, new int[] {7});
        try (LanguageModel model = open("llama_gqa").withAdapter(lora(4, 0.5, true), 1)) {
            randomize(model, 5);
            var written = model.generateIds(prompts, config, GenerationListener.NONE);
            for (int row = 0; row < 2; row++) {
                float[] likely = model.logProbs(List.of(written.get(row).example()), 1)[0];
                for (int i = 0; i < likely.length; i++) {
                    assertThat(written.get(row).logProbs()[i]).isCloseTo(likely[i], within(1e-4f));
                }
            }
        }
    }

    @Test
    void anAdapterIsRefusedOnAnotherBase() throws IOException {
        try (LanguageModel model = open("llama_gqa").withAdapter(lora(2, 0, false), 1)) {
            model.save(folder.resolve("adapter"));
        }
        Golden.copyDirectory("models/llama_v4config", folder);
        assertThatThrownBy(() -> Checkpoint.open(folder.resolve("adapter"), folder.resolve("llama_v4config")))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("was trained on a model with other weights");
        Path config = folder.resolve("adapter/adapter_config.json");
        Files.writeString(
                config,
                Files.readString(config).replaceAll("\"base_model.*", "\"base_model_name_or_path\": \"gone\","));
        assertThatThrownBy(() -> LanguageModel.open(folder.resolve("adapter")))
                .hasMessageContaining("\"gone\"")
                .hasMessageContaining("--base");
        assertThatThrownBy(() -> Checkpoint.open(folder.resolve("llama_gqa"), folder))
                .hasMessageContaining("is no adapter");
    }

    @Test
    void anAdapterGetsNoSecondOne() throws IOException {
        try (LanguageModel model = open("llama_gqa").withAdapter(lora(2, 0, false), 1)) {
            model.save(folder.resolve("adapter"));
        }
        try (LanguageModel model = LanguageModel.open(folder.resolve("adapter"))) {
            assertThat(model.adapter()).isPresent();
            assertThatThrownBy(() -> model.withAdapter(LoraConfig.DEFAULT, 1)).hasMessageContaining("rlhf model merge");
        }
        try (LanguageModel model = open("llama_gqa")) {
            assertThatThrownBy(model::frozen).isInstanceOf(IllegalStateException.class);
            LoraConfig nowhere = new LoraConfig(2, 2, 0, List.of("c_attn"), false, false);
            assertThatThrownBy(() -> model.withAdapter(nowhere, 1))
                    .hasMessageContaining("c_attn")
                    .hasMessageContaining("q_proj");
        }
    }

    private static void requireClose(float[][][] actual, float[][][] expected, double tolerance) {
        for (int row = 0; row < expected.length; row++) {
            for (int t = 0; t < BATCH.completionTokens(row); t++) {
                assertThat(actual[row][t]).containsExactly(expected[row][t], within((float) tolerance));
            }
        }
    }

    private static void requireClose(float[] actual, float[][][] expected, double tolerance) {
        int at = 0;
        for (float[][] row : expected) {
            for (float[] token : row) {
                for (float value : token) {
                    assertThat((double) actual[at++]).isCloseTo(value, within(tolerance));
                }
            }
        }
    }
}
