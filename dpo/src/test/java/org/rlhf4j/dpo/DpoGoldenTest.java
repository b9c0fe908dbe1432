package org.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.core.train.Progress;
import org.rlhf4j.core.train.RunHooks;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.testing.Golden;

/** Whole steps against those of TRL's DPO trainer on the same model and ids, which TRL took in float64. */
class DpoGoldenTest {
    private static final double LEARNING_RATE = Tiny.STEP.get("learning_rate").doubleValue();

    @TempDir
    private Path folder;

    @Test
    void threeStepsEqualTrl() {
        try (LanguageModel policy = Tiny.policy(folder)) {
            ReferenceLogProbs reference = ReferenceLogProbs.precompute(policy, DpoTrainer.completions(Tiny.pairs()));
            List<Progress.StepMetrics> logged = new ArrayList<>();
            List<Map<String, float[]>> after = new ArrayList<>();
            RunHooks hooks = RunHooks.NONE.metrics(logged::add).progress(new Progress() {
                @Override
                public void step(Step step) {
                    after.add(Tiny.weights(policy));
                }
            });
            new DpoTrainer(policy, reference, DpoLoss.DEFAULT, Tiny.config(3, 4, 4, LEARNING_RATE))
                    .train(Tiny.pairs(), List.of(), hooks);

            for (int step = 0; step < 3; step++) {
                Map<String, Double> expected = new LinkedHashMap<>();
                JsonNode metrics = Tiny.STEP.get("metrics").get(step);
                metrics.properties()
                        .forEach(figure ->
                                expected.put(figure.getKey(), figure.getValue().doubleValue()));
                expected.put("loss", Tiny.STEP.get("losses").get(step).doubleValue());
                expected.put(
                        "grad_norm", Tiny.STEP.get("gradient_norms").get(step).doubleValue());
                Map<String, Double> values = logged.get(step).values();
                expected.forEach((name, value) -> assertThat(values.get(name))
                        .as("%s of %s", name, values)
                        .isNotNull()
                        .isCloseTo(value, within(1e-5 * Math.max(1, Math.abs(value)))));
            }
            assertThat(logged.get(0).values().get("loss")).isCloseTo(Math.log(2), within(1e-7));
            assertWeights(after.get(0), Tiny.STEP.get("after").get(0));
            assertWeights(after.get(2), Tiny.STEP.get("after").get(1));
        }
    }

    @Test
    void everyObjectiveOfTrlAgainstAnotherReference() {
        for (JsonNode golden : Tiny.STEP.get("other_reference").get("steps")) {
            DpoLoss loss = new DpoLoss(
                    DpoObjectiveTest.named(
                            golden.get("objective").textValue(),
                            golden.get("label_smoothing").doubleValue()),
                    0.1,
                    0);
            try (LanguageModel policy = Tiny.policy(folder);
                    LanguageModel reference = Tiny.other(folder)) {
                Map<String, Double> metrics = new DpoTrainer(
                                policy,
                                new ReferenceLogProbs.Live(reference),
                                loss,
                                Tiny.config(1, 4, 4, LEARNING_RATE))
                        .train(Tiny.pairs(), List.of())
                        .metrics();
                double expectedLoss = golden.get("loss").doubleValue();
                double expectedNorm = golden.get("gradient_norm").doubleValue();
                assertThat(metrics.get("loss")).isCloseTo(expectedLoss, within(1e-5 * Math.max(1, expectedLoss)));
                assertThat(metrics.get("grad_norm")).isCloseTo(expectedNorm, within(1e-5 * expectedNorm));
            }
        }
    }

    private static void assertWeights(Map<String, float[]> weights, JsonNode expected) {
        assertThat(expected).hasSize(2);
        weights.keySet().removeIf(name -> !expected.has(name));
        assertThat(weights).hasSize(2);
        weights.forEach((name, actual) -> {
            double[] wanted = Golden.doubles(expected.get(name));
            assertThat(actual).hasSameSizeAs(wanted);
            double largest = 0;
            double worst = 0;
            for (int i = 0; i < wanted.length; i++) {
                largest = Math.max(largest, Math.abs(wanted[i]));
                worst = Math.max(worst, Math.abs(wanted[i] - actual[i]));
            }
            assertThat(worst / largest).as(name).isLessThan(1e-5);
        });
    }
}
