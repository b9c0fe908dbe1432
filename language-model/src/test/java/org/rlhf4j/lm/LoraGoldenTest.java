package org.rlhf4j.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.optim.AdamW;
import org.rlhf4j.core.optim.GradientStep;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.testing.Golden;

/** Adapters that PEFT saved, against what PEFT's models compute with them in float64. */
class LoraGoldenTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    /** Copies an adapter and, beside it, the model that it belongs to. */
    private Path adapter(String name) {
        JsonNode golden = Golden.json("lora/" + name + "/golden");
        Golden.copyDirectory("models/" + golden.get("base").textValue(), folder);
        return Golden.copyDirectory("lora/" + name, folder);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora", "rslora", "dora", "gpt2_lora", "gpt2_dora", "phi3_lora", "gpt_neox_lora"})
    void logitsOfPeftsAdaptersAreThoseOfPeft(String name) throws IOException {
        JsonNode golden = Golden.json("lora/" + name + "/golden");
        Path directory = adapter(name);
        try (LanguageModel model = LanguageModel.open(directory)) {
            requireLogits(model, golden);
            model.save(folder.resolve("saved"));
        }
        try (LanguageModel again = LanguageModel.open(folder.resolve("saved"))) {
            requireLogits(again, golden);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora", "rslora", "dora", "gpt2_lora", "gpt2_dora", "phi3_lora", "gpt_neox_lora"})
    void aMergedModelNeedsNoAdapter(String name) throws IOException {
        JsonNode golden = Golden.json("lora/" + name + "/golden");
        Path merged = folder.resolve("merged");
        try (Checkpoint checkpoint = Checkpoint.open(adapter(name));
                Parameters weights = checkpoint.base().merge(checkpoint.load())) {
            Checkpoint.save(
                    Storage.disk(),
                    merged,
                    new Checkpoint.Content(
                            checkpoint.decoderConfig(),
                            checkpoint.head(),
                            weights,
                            checkpoint.format(),
                            checkpoint.carriedFiles(),
                            null));
        }
        try (LanguageModel model = LanguageModel.open(merged)) {
            assertThat(model.adapter()).isEmpty();
            requireLogits(model, golden);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora", "rslora", "dora", "gpt2_lora", "gpt2_dora", "phi3_lora", "gpt_neox_lora"})
    void threeStepsAreThoseOfPeft(String name) {
        JsonNode golden = Golden.json("lora/" + name + "/golden");
        try (LanguageModel model = LanguageModel.open(adapter(name))) {
            PaddedBatch batch = PaddedBatch.of(rows(golden));
            requireSteps(
                    golden,
                    model.parameters(),
                    step -> step.accumulate(
                                    new int[] {0},
                                    batch.completionTokens(),
                                    tape -> model.crossEntropy(tape, batch).sum())
                            / batch.completionTokens());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = "reward")
    void aScoreHeadIsReadWithItsAdapter(String name) {
        JsonNode golden = Golden.json("lora/" + name + "/golden");
        try (Checkpoint checkpoint = Checkpoint.open(adapter(name));
                Parameters weights = checkpoint.load();
                var adapter = Objects.requireNonNull(checkpoint.base().loadAdapter(weights))) {
            assertThat(checkpoint.head()).isEqualTo(Head.SCALAR);
            SequenceScorer scorer = new SequenceScorer(
                    new Decoder(checkpoint.decoderConfig(), weights, adapter), new ScalarHead(adapter.weights()));
            double[] expected = Golden.doubles(golden.get("scores"));
            double tolerance =
                    golden.get("tolerance").doubleValue() * golden.get("scale").doubleValue();
            int[][] sequences = Golden.intRows(golden.get("sequences"));
            for (int row = 0; row < expected.length; row++) {
                PaddedBatch batch = PaddedBatch.of(List.of(new EncodedExample(sequences[row], 0)));
                float[] score = Torch.call(() -> Scope.call(() -> HostCopy.toFloats(scorer.scores(batch))));
                assertThat((double) score[0]).isCloseTo(expected[row], within(tolerance));
            }
        }
    }

    private static List<EncodedExample> rows(JsonNode golden) {
        List<EncodedExample> rows = new ArrayList<>();
        for (JsonNode row : golden.get("rows")) {
            rows.add(new EncodedExample(
                    Golden.ints(row.get("ids")), row.get("prompt_length").intValue()));
        }
        return rows;
    }

    /** One pass: adds to the gradients and gives the loss. */
    private interface Pass {
        double run(GradientStep step);
    }

    private static void requireSteps(JsonNode golden, Parameters trained, Pass pass) {
        double[] losses = Golden.doubles(golden.get("losses"));
        double[] norms = Golden.doubles(golden.get("gradient_norms"));
        Torch.run(() -> trained.setAllTrainable(true));
        try (AdamW optimizer = new AdamW(trained, AdamW.Settings.DEFAULT)) {
            GradientStep step = new GradientStep(
                    trained, optimizer, golden.get("max_gradient_norm").doubleValue());
            for (int i = 0; i < losses.length; i++) {
                assertThat(pass.run(step)).isCloseTo(losses[i], within(1e-5));
                assertThat(step.update(golden.get("learning_rate").doubleValue())
                                .gradNorm())
                        .isCloseTo(norms[i], within(1e-5 * norms[i]));
            }
        }
        golden.get("after").properties().forEach(expected -> {
            float[] actual = Torch.call(() -> HostCopy.toFloats(trained.get(expected.getKey())));
            double[] wanted = Golden.doubles(expected.getValue());
            for (int i = 0; i < wanted.length; i++) {
                assertThat((double) actual[i]).as(expected.getKey()).isCloseTo(wanted[i], within(1e-5));
            }
        });
        assertThat(golden.get("after").size()).isEqualTo(trained.names().size());
    }

    private static void requireLogits(LanguageModel model, JsonNode golden) {
        double tolerance =
                golden.get("tolerance").doubleValue() * golden.get("scale").doubleValue();
        int[][] sequences = Golden.intRows(golden.get("sequences"));
        for (int row = 0; row < sequences.length; row++) {
            float[][] actual = model.logits(PaddedBatch.of(List.of(new EncodedExample(sequences[row], 0))))[0];
            JsonNode expected = golden.get("logits").get(row);
            for (int t = 0; t < actual.length; t++) {
                double[] wanted = Golden.doubles(expected.get(t));
                for (int v = 0; v < wanted.length; v++) {
                    assertThat((double) actual[t][v])
                            .as("row %d token %d", row, t)
                            .isCloseTo(wanted[v], within(tolerance));
                }
            }
        }
    }
}
