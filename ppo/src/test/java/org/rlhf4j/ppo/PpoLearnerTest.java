package org.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.rlhf4j.testing.TensorAssertions.assertClose;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.rlhf4j.core.optim.NonFiniteException;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.train.OptimizerConfig.LearningRate;
import org.rlhf4j.ppo.PpoConfig.AdvantageNormalization;
import org.rlhf4j.testing.Leaks;
import org.rlhf4j.testing.Property;

class PpoLearnerTest {
    private static final Linear.Samples SAMPLES = Linear.Samples.of(12, 1, 5);

    @Test
    void nothingHasMovedAtTheFirstMiniBatch() {
        try (Linear actorCritic = new Linear()) {
            PpoUpdate update = update(actorCritic, Settings.ONE_STEP);
            assertThat(update.minibatches()).isEqualTo(1);
            assertThat(update.firstRatioDeviation()).isLessThan(1e-6);
            assertThat(update.ratios().kl3()).isBetween(0.0, 1e-12);
            assertThat(update.ratios().kl1()).isCloseTo(0, within(1e-6));
            assertThat(update.ratios().outside()).isZero();
            assertThat(update.clippedFraction()).isZero();
            // Advantages have mean 0.
            assertThat(update.policyLoss()).isCloseTo(0, within(1e-6));
        }
    }

    @Test
    void aPolicyThatIsNotTheOneThatActedShowsInTheFirstRatio() {
        try (Linear actorCritic = new Linear();
                PpoLearner<Linear.Samples> learner = learner(actorCritic, Settings.ONE_STEP.cut(2, 3))) {
            PpoUpdate update = learner.update(actorCritic.experience(SAMPLES, Math.log(1.1), 7), SAMPLES);
            assertThat(update.firstRatioDeviation()).isCloseTo(0.1, within(1e-5));
        }
    }

    @Test
    void everyRowIsInOneMiniBatchOfEachEpochAndTheirSizesDifferByOne() {
        Property.forAll(20, draws -> new int[] {draws.between(1, 13), draws.between(1, 5)}, drawn -> {
            int minibatches = Math.min(drawn[0], drawn[1]);
            Linear.Samples samples = Linear.Samples.of(drawn[0], 2, 3);
            try (Linear actorCritic = new Linear();
                    PpoLearner<Linear.Samples> learner = learner(actorCritic, Settings.ONE_STEP.cut(3, minibatches))) {
                learner.update(actorCritic.experience(samples, 0, 7), samples);
                assertThat(actorCritic.asked).hasSize(3 * minibatches);
                for (int epoch = 0; epoch < 3; epoch++) {
                    List<int[]> parts = actorCritic.asked.subList(epoch * minibatches, (epoch + 1) * minibatches);
                    assertThat(parts.stream()
                                    .flatMapToInt(IntStream::of)
                                    .sorted()
                                    .toArray())
                            .containsExactly(IntStream.range(0, drawn[0]).toArray());
                    assertThat(parts)
                            .allSatisfy(rows -> assertThat(rows.length - drawn[0] / minibatches)
                                    .isBetween(0, 1));
                }
            }
        });
    }

    @Test
    void eachEpochHasAnotherOrder() {
        try (Linear actorCritic = new Linear();
                PpoLearner<Linear.Samples> learner = learner(actorCritic, Settings.ONE_STEP.cut(2, 1))) {
            Experience experience = actorCritic.experience(SAMPLES, 0, 7);
            learner.update(experience, SAMPLES);
            learner.update(experience, SAMPLES);
            assertThat(actorCritic.asked.stream().map(Arrays::toString).distinct())
                    .hasSize(4);
        }
    }

    @Test
    void microBatchesChangeNothingElse() {
        Settings settings = Settings.ONE_STEP.cut(3, 2);
        try (Linear whole = new Linear()) {
            PpoUpdate expected = update(whole, settings);
            for (int size : new int[] {1, 4, 6, 100}) {
                try (Linear cut = new Linear()) {
                    PpoUpdate update = update(cut, settings.micro(size));
                    assertThat(cut.asked)
                            .allSatisfy(rows -> assertThat(rows.length).isLessThanOrEqualTo(size));
                    assertClose(cut.weights(), whole.weights(), 1e-6, 0);
                    assertThat(update)
                            .usingRecursiveComparison()
                            .withEqualsForType((a, b) -> Math.abs(a - b) < 1e-6, Double.class)
                            .isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void paddingChangesNothing() {
        Settings settings = Settings.ONE_STEP.cut(3, 2);
        try (Linear bare = new Linear();
                Linear padded = new Linear()) {
            PpoUpdate expected = update(bare, settings);
            PpoUpdate update;
            try (PpoLearner<Linear.Samples> learner = learner(padded, settings)) {
                update = learner.update(
                        padded(padded.experience(SAMPLES, 0, 7)),
                        new Linear.Samples(padded(SAMPLES.features()), padded(SAMPLES.actions())));
            }
            assertThat(padded.asked).noneSatisfy(rows -> assertThat(rows).contains(12));
            assertClose(padded.weights(), bare.weights(), 1e-6, 0);
            assertThat(update)
                    .usingRecursiveComparison()
                    .withEqualsForType((a, b) -> Math.abs(a - b) < 1e-6, Double.class)
                    .isEqualTo(expected);
        }
    }

    @Test
    void anUpdateIsLeftBeforeTheStepThatIsTooFar() {
        Settings settings = Settings.ONE_STEP.cut(1, 2).with(Settings.adam(0.3, LearningRate.CONSTANT));
        double second;
        try (Linear actorCritic = new Linear()) {
            PpoUpdate free = update(actorCritic, settings);
            assertThat(free.stoppedEarly()).isFalse();
            assertThat(free.minibatches()).isEqualTo(2);
            // The first mini-batch has none, the second as many steps.
            second = 2 * free.ratios().kl3();
            assertThat(second).isGreaterThan(1e-3);
        }
        try (Linear actorCritic = new Linear()) {
            PpoUpdate stopped = update(actorCritic, settings.target(second / 1.5 * 0.999));
            assertThat(stopped.stoppedEarly()).isTrue();
            assertThat(stopped.minibatches()).isEqualTo(1);
            assertThat(stopped.ratios().kl3()).isCloseTo(second / 2, within(1e-9));
            assertThat(actorCritic.asked).hasSize(2);
            assertClose(actorCritic.weights(), actorCritic.weightsThen.get(1), 0, 0);
        }
        try (Linear actorCritic = new Linear()) {
            PpoUpdate allowed = update(actorCritic, settings.target(second / 1.5 * 1.001));
            assertThat(allowed.stoppedEarly()).isFalse();
            assertThat(allowed.minibatches()).isEqualTo(2);
        }
    }

    @Test
    void whatWasLeftIsNotPartOfTheNextUpdate() {
        Settings strict = Settings.ONE_STEP.cut(3, 1).with(Settings.descent(0)).target(1e-9);
        try (Linear actorCritic = new Linear();
                PpoLearner<Linear.Samples> learner = learner(actorCritic, strict)) {
            PpoUpdate first = learner.update(actorCritic.experience(SAMPLES, 0, 7), SAMPLES);
            assertThat(first.stoppedEarly()).isTrue();
            float[] before = actorCritic.weights();
            PpoUpdate second = learner.update(actorCritic.experience(SAMPLES, 0, 7), SAMPLES);
            assertThat(second.minibatches()).isEqualTo(1);
            // With plain descent the first step of the second update is as long as its gradient alone.
            assertThat(distance(actorCritic.weightsThen.get(1), before)).isCloseTo(second.gradNorm(), within(1e-5));
        }
    }

    @Test
    void learningRateAndClipRangeFallOnAStraightLine() {
        Settings settings = Settings.ONE_STEP.annealed().with(Settings.signs(1e-3, LearningRate.LINEAR));
        try (Linear actorCritic = new Linear();
                PpoLearner<Linear.Samples> learner = new PpoLearner<>(actorCritic, settings.config(), 4, 1)) {
            for (int i = 0; i < 4; i++) {
                float[] before = actorCritic.weights();
                // All ratios are 1.12: outside of 1 + 0.2 (4 - i) / 4 from the third update on.
                PpoUpdate update = learner.update(actorCritic.experience(SAMPLES, Math.log(1.12), 7), SAMPLES);
                double factor = (4 - i) / 4.0;
                assertThat(update.learningRate()).isCloseTo(1e-3 * factor, within(1e-15));
                assertThat(update.clipRange()).isCloseTo(0.2 * factor, within(1e-15));
                assertThat(update.ratios().outside()).isEqualTo(i < 2 ? 0 : 1);
                float[] after = actorCritic.weights();
                for (int w = 0; w < after.length; w++) {
                    assertThat(Math.abs((double) after[w] - before[w])).isCloseTo(1e-3 * factor, within(1e-7));
                }
            }
            assertThat(learner.updates()).isEqualTo(4);
            assertThatThrownBy(() -> learner.update(actorCritic.experience(SAMPLES, 0, 7), SAMPLES))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("all 4 updates are made: the schedules end here");
        }
    }

    @Test
    void withoutAnnealingBothStay() {
        try (Linear actorCritic = new Linear();
                PpoLearner<Linear.Samples> learner = new PpoLearner<>(actorCritic, Settings.ONE_STEP.config(), 2, 1)) {
            for (int i = 0; i < 2; i++) {
                PpoUpdate update = learner.update(actorCritic.experience(SAMPLES, 0, 7), SAMPLES);
                assertThat(update.learningRate()).isEqualTo(0.01);
                assertThat(update.clipRange()).isEqualTo(0.2);
            }
        }
    }

    @Test
    void normalizationIsOverMiniBatchBatchOrNothing() {
        // With a tiny learning rate all mini-batches see the same policy: their mean surrogate is minus the mean
        // advantage.
        Settings settings = Settings.ONE_STEP.cut(1, 3).with(Settings.signs(1e-12, LearningRate.CONSTANT));
        Map<AdvantageNormalization, PpoUpdate> updates = new EnumMap<>(AdvantageNormalization.class);
        for (AdvantageNormalization kind : AdvantageNormalization.values()) {
            try (Linear actorCritic = new Linear()) {
                updates.put(kind, update(actorCritic, settings.normalized(kind)));
            }
        }
        try (Linear actorCritic = new Linear()) {
            double mean = Arrays.stream(actorCritic.experience(SAMPLES, 0, 7).advantages())
                    .mapToDouble(row -> row[0] / 12)
                    .sum();
            assertThat(updates).hasEntrySatisfying(AdvantageNormalization.NONE, policyLoss(-mean));
        }
        assertThat(updates)
                .hasEntrySatisfying(AdvantageNormalization.MINIBATCH, policyLoss(0))
                .hasEntrySatisfying(AdvantageNormalization.BATCH, policyLoss(0));
        assertThat(updates.values().stream().map(PpoUpdate::gradNorm).distinct())
                .hasSize(3);
    }

    private static Consumer<PpoUpdate> policyLoss(double expected) {
        return update -> assertThat(update.policyLoss()).isCloseTo(expected, within(1e-6));
    }

    @Test
    void gradientsAreClippedByTheirGlobalNorm() {
        double norm;
        try (Linear actorCritic = new Linear()) {
            float[] before = actorCritic.weights();
            norm = update(actorCritic, Settings.ONE_STEP.with(Settings.descent(0)))
                    .gradNorm();
            assertThat(distance(actorCritic.weights(), before)).isCloseTo(norm, within(1e-4 * norm));
        }
        try (Linear actorCritic = new Linear()) {
            float[] before = actorCritic.weights();
            PpoUpdate update = update(actorCritic, Settings.ONE_STEP.with(Settings.descent(norm / 3)));
            assertThat(update.gradNorm()).isCloseTo(norm, within(1e-6));
            assertThat(distance(actorCritic.weights(), before)).isCloseTo(norm / 3, within(1e-4 * norm));
        }
    }

    @Test
    void aStepWithNaNIsRefusedWithItsRowsAndChangesNothing() {
        try (Linear healed = new Linear();
                Linear healthy = new Linear();
                PpoLearner<Linear.Samples> learner = learner(healed, Settings.ONE_STEP.micro(4))) {
            float[] before = healed.weights();
            Experience experience = healed.experience(SAMPLES, 0, 7);
            healed.broken = 9;
            assertThatThrownBy(() -> learner.update(experience, SAMPLES))
                    .isInstanceOf(NonFiniteException.class)
                    .hasMessageStartingWith("step 1: the log-probabilities of the policy are not finite (row ")
                    .hasMessageContaining("row 9")
                    .satisfies(e -> assertThat(((NonFiniteException) e).rows()).hasSize(4));
            assertClose(healed.weights(), before, 0, 0);

            healed.broken = -1;
            learner.update(experience, SAMPLES);
            update(healthy, Settings.ONE_STEP.micro(4));
            assertClose(healed.weights(), healthy.weights(), 0, 0);
        }
    }

    @Test
    void fewerRowsThanMiniBatchesAreRefused() {
        try (Linear actorCritic = new Linear();
                PpoLearner<Linear.Samples> learner = learner(actorCritic, Settings.ONE_STEP.cut(1, 13))) {
            assertThatThrownBy(() -> learner.update(actorCritic.experience(SAMPLES, 0, 7), SAMPLES))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("12 rows cannot be cut into 13 mini-batches: collect more, or lower numMinibatches");
        }
    }

    @Test
    void sameSeedSameWeightsAnotherSeedOthers() {
        Settings settings = Settings.ONE_STEP.cut(4, 3);
        try (Linear one = new Linear();
                Linear same = new Linear();
                Linear other = new Linear();
                PpoLearner<Linear.Samples> otherLearner = new PpoLearner<>(other, settings.config(), 10, 2)) {
            PpoUpdate first = update(one, settings);
            assertThat(update(same, settings)).isEqualTo(first);
            assertClose(same.weights(), one.weights(), 0, 0);
            otherLearner.update(other.experience(SAMPLES, 0, 7), SAMPLES);
            assertThat(distance(other.weights(), one.weights())).isPositive();
        }
    }

    @Test
    void manyUpdatesKeepNoArrays() {
        try (Linear actorCritic = new Linear();
                PpoLearner<Linear.Samples> learner = new PpoLearner<>(
                        actorCritic,
                        Settings.ONE_STEP.cut(2, 2).micro(3).target(10).config(),
                        100,
                        1)) {
            Experience experience = actorCritic.experience(SAMPLES, 0, 7);
            Runnable step = () -> learner.update(experience, SAMPLES);
            Leaks.assertNone(actorCritic.parameters().manager(), 3, 20, step);
            Leaks.assertNone(Torch.manager(), 3, 20, step);
        }
    }

    @Test
    void theWeightsAreFrozenAgainAtTheEnd() {
        try (Linear actorCritic = new Linear()) {
            try (PpoLearner<Linear.Samples> learner = learner(actorCritic, Settings.ONE_STEP)) {
                assertThat(learner.updates()).isZero();
                assertThat(actorCritic.parameters().trainableNames()).hasSize(3);
            }
            assertThat(actorCritic.parameters().trainableNames()).isEmpty();
        }
    }

    private static PpoLearner<Linear.Samples> learner(Linear actorCritic, Settings settings) {
        return new PpoLearner<>(actorCritic, settings.config(), 10, 1);
    }

    private static PpoUpdate update(Linear actorCritic, Settings settings) {
        try (PpoLearner<Linear.Samples> learner = learner(actorCritic, settings)) {
            return learner.update(actorCritic.experience(SAMPLES, 0, 7), SAMPLES);
        }
    }

    private static double distance(float[] actual, float[] expected) {
        double squares = 0;
        for (int i = 0; i < expected.length; i++) {
            squares += Math.pow((double) actual[i] - expected[i], 2);
        }
        return Math.sqrt(squares);
    }

    /** The same with a step of padding after each row and a row of padding at the end. */
    private static Experience padded(Experience experience) {
        boolean[][] mask = new boolean[experience.rows() + 1][2];
        for (int row = 0; row < experience.rows(); row++) {
            mask[row][0] = true;
        }
        return new Experience(
                padded(experience.logProbs()),
                padded(experience.values()),
                padded(experience.advantages()),
                padded(experience.returns()),
                mask);
    }

    private static float[][] padded(float[][] rows) {
        float[][] padded = new float[rows.length + 1][];
        Arrays.setAll(padded, row -> new float[] {row < rows.length ? rows[row][0] : Float.NaN, Float.NaN});
        return padded;
    }

    private static int[][] padded(int[][] rows) {
        int[][] padded = new int[rows.length + 1][];
        Arrays.setAll(padded, row -> new int[] {row < rows.length ? rows[row][0] : 0, 0});
        return padded;
    }

    private static float[][][] padded(float[][][] rows) {
        float[][][] padded = new float[rows.length + 1][2][Linear.FEATURES];
        for (int row = 0; row < rows.length; row++) {
            padded[row][0] = rows[row][0];
        }
        return padded;
    }
}
