package org.rlhf4j.lm.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.Permutation;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.train.OptimizerConfig;
import org.rlhf4j.core.train.Progress;
import org.rlhf4j.core.train.RunHooks;
import org.rlhf4j.core.train.TrainingConfig;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.data.EncodedDemonstration;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.testing.Golden;

/** Whole runs against those of transformers' Trainer in float64. */
class SftGoldenTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"llama_long", "smollm2"})
    void twentyStepsEqualTheReferenceImplementation(String name) {
        JsonNode golden = Golden.json("train/sft_" + name);
        int[][] order = Golden.intRows(golden.get("order"));
        for (int epoch = 0; epoch < order.length; epoch++) {
            assertThat(Permutation.of(order[epoch].length, golden.get("seed").longValue(), epoch))
                    .as("the order of rows that the reference was given")
                    .containsExactly(order[epoch]);
        }
        try (LanguageModel model = LanguageModel.open(Golden.copyDirectory("models/" + name, folder))) {
            List<Progress.StepMetrics> logged = new ArrayList<>();
            new SftTrainer(model, config(golden)).train(rows(golden), List.of(), RunHooks.NONE.metrics(logged::add));

            double[] losses = Golden.doubles(golden.get("losses"));
            double[] norms = Golden.doubles(golden.get("gradient_norms"));
            assertThat(logged).hasSameSizeAs(losses);
            for (int step = 0; step < losses.length; step++) {
                assertThat(logged.get(step).values().get("loss")).isCloseTo(losses[step], within(1e-5));
                assertThat(logged.get(step).values().get("grad_norm"))
                        .isCloseTo(norms[step], within(1e-5 * norms[step]));
            }
            double tolerance = 1e-5 * golden.get("scale").doubleValue();
            golden.get("after")
                    .properties()
                    .forEach(expected -> assertThat(weights(model, expected.getKey()))
                            .as(expected.getKey())
                            .containsExactly(Golden.doubles(expected.getValue()), within(tolerance)));
        }
    }

    private static List<EncodedDemonstration> rows(JsonNode golden) {
        List<EncodedDemonstration> rows = new ArrayList<>();
        for (JsonNode row : golden.get("rows")) {
            rows.add(new EncodedDemonstration(
                    "rows:" + (rows.size() + 1),
                    new EncodedExample(
                            Golden.ints(row.get("ids")),
                            row.get("prompt_length").intValue())));
        }
        return rows;
    }

    private static TrainingConfig config(JsonNode golden) {
        return new TrainingConfig(
                1,
                golden.get("steps").intValue(),
                golden.get("batch_size").intValue(),
                golden.get("micro_batch_size").intValue(),
                true,
                false,
                golden.get("seed").longValue(),
                1,
                0,
                null,
                new OptimizerConfig(
                        golden.get("learning_rate").doubleValue(),
                        OptimizerConfig.LearningRate.LINEAR,
                        golden.get("warmup_steps").intValue(),
                        0,
                        golden.get("weight_decay").doubleValue(),
                        golden.get("max_gradient_norm").doubleValue(),
                        0.9,
                        0.999,
                        1e-8,
                        0));
    }

    private static double[] weights(LanguageModel model, String name) {
        float[] narrow = Torch.call(() -> HostCopy.toFloats(model.parameters().get(name)));
        double[] wide = new double[narrow.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = narrow[i];
        }
        return wide;
    }
}
