package org.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rlhf4j.testing.TensorAssertions.assertClose;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.rlhf4j.core.optim.NonFiniteException;

/** Mini-batches whose numbers are not finite, and ratios that overflow. */
class PpoLearnerNumbersTest {
    private static final Linear.Samples SAMPLES = Linear.Samples.of(12, 1, 5);

    @Test
    void aMiniBatchWithNaNIsLeftOutWhereTheSettingsAllowIt() {
        // Two mini-batches, one of which has row 9: the update is that of the other alone.
        List<String> told = new ArrayList<>();
        try (Linear actorCritic = new Linear();
                Linear without = new Linear();
                PpoLearner<Linear.Samples> learner = new PpoLearner<>(
                        actorCritic,
                        Settings.ONE_STEP.cut(1, 2).bearing(1).config(),
                        10,
                        1,
                        (step, text) -> told.add(step + ": " + text));
                PpoLearner<Linear.Samples> other = learner(without, Settings.ONE_STEP)) {
            Experience experience = actorCritic.experience(SAMPLES, 0, 7);
            actorCritic.broken = 9;
            PpoUpdate update = learner.update(experience, SAMPLES);
            assertThat(update.minibatches()).isEqualTo(1);
            assertThat(update.policyLoss()).isFinite();
            assertThat(told).hasSize(1);
            assertThat(told.get(0))
                    .startsWith("1: the log-probabilities of the policy are not finite (row ")
                    .endsWith("; the step is left out, 1 in a row of at most 1");
            Map<String, Double> metrics = new HashMap<>();
            learner.health().addTo(metrics);
            assertThat(metrics).containsExactly(Map.entry("skipped_steps", 1.0));

            int[] made = actorCritic.asked.stream()
                    .filter(rows -> IntStream.of(rows).noneMatch(row -> row == 9))
                    .findFirst()
                    .orElseThrow();
            assertThat(made).hasSize(6);
            other.update(only(experience, made), SAMPLES);
            assertClose(actorCritic.weights(), without.weights(), 1e-6, 1e-6);
        }
    }

    /** The same experience in which other rows do not count. */
    private static Experience only(Experience all, int[] rows) {
        boolean[][] mask = new boolean[all.rows()][all.width()];
        for (int row : rows) {
            Arrays.fill(mask[row], true);
        }
        return new Experience(all.logProbs(), all.values(), all.advantages(), all.returns(), mask);
    }

    @Test
    void oneBadMiniBatchMoreThanAllowedEndsTheUpdate() {
        try (Linear actorCritic = new Linear();
                PpoLearner<Linear.Samples> learner =
                        learner(actorCritic, Settings.ONE_STEP.cut(4, 1).bearing(2))) {
            Experience experience = actorCritic.experience(SAMPLES, 0, 7);
            actorCritic.broken = 9;
            float[] before = actorCritic.weights();
            assertThatThrownBy(() -> learner.update(experience, SAMPLES))
                    .isInstanceOf(NonFiniteException.class)
                    .hasMessageContaining("and the 2 steps before it were left out");
            assertClose(actorCritic.weights(), before, 0, 0);
        }
    }

    @Test
    void ratiosThatOverflowAreToldAndLearnedFromAsTheLargest() {
        List<String> told = new ArrayList<>();
        try (Linear actorCritic = new Linear();
                PpoLearner<Linear.Samples> learner = new PpoLearner<>(
                        actorCritic, Settings.ONE_STEP.config(), 10, 1, (step, text) -> told.add(step + ": " + text))) {
            // Every action is e^100 times as likely as when it was drawn.
            PpoUpdate update = learner.update(actorCritic.experience(SAMPLES, 100, 7), SAMPLES);
            assertThat(update.ratios().overflows()).isEqualTo(1);
            assertThat(update.ratios().kl1()).isEqualTo(-80);
            assertThat(update.gradNorm()).isFinite();
            assertThat(actorCritic.weights()).doesNotContain(Float.NaN);
            assertThat(told)
                    .containsExactly(
                            "1: 100 % of the probability ratios are beyond e^80 or its inverse and count as that:"
                                    + " the policy has left the one that acted; lower the learning rate, or set targetKl");
        }
    }

    private static PpoLearner<Linear.Samples> learner(Linear actorCritic, Settings settings) {
        return new PpoLearner<>(actorCritic, settings.config(), 10, 1);
    }
}
