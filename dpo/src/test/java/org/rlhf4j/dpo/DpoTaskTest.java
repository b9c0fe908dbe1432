package org.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.core.optim.AdamW;
import org.rlhf4j.core.optim.GradientStep;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.train.MetricSums;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.PaddedBatch;
import org.rlhf4j.lm.data.Comparison;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.testing.Leaks;

/** Against another reference than the start, so that nothing is zero. */
class DpoTaskTest {
    private static final DpoLoss LOSS = new DpoLoss(new DpoObjective.Conservative(0.1), 0.3, 0.2);

    @TempDir
    private Path folder;

    private LanguageModel policy;
    private LanguageModel other;

    @BeforeEach
    void open() {
        policy = Tiny.policy(folder);
        other = Tiny.other(folder);
        Torch.run(() -> policy.parameters().setAllTrainable(true));
    }

    @AfterEach
    void close() {
        policy.close();
        other.close();
    }

    /** What a batch gives, whatever way it was cut. */
    @SuppressWarnings("ArrayRecordComponent") // never compared as a whole
    private record Outcome(double loss, Map<String, Double> metrics, float[] gradient) {
        void assertEquals(Outcome expected) {
            assertThat(loss).isCloseTo(expected.loss, within(1e-6 * Math.abs(expected.loss)));
            assertThat(metrics.keySet()).isEqualTo(expected.metrics.keySet());
            metrics.forEach((name, value) -> assertThat(value)
                    .as(name)
                    .isCloseTo(expected.metrics.getOrDefault(name, Double.NaN), within(1e-5)));
            float largest = 0;
            for (float value : expected.gradient) {
                largest = Math.max(largest, Math.abs(value));
            }
            assertThat(largest).isGreaterThan(0.01f);
            assertThat(gradient).containsExactly(expected.gradient, within(2e-5f * largest));
        }
    }

    @Test
    void aBatchOfEightIsFourOfTwoAndEightOfOne() {
        DpoTask task = task(eight());
        Outcome whole = outcome(task, new int[] {0, 1, 2, 3, 4, 5, 6, 7});
        outcome(task, new int[] {3, 6}, new int[] {1, 0}, new int[] {7, 2}, new int[] {5, 4})
                .assertEquals(whole);
        outcome(task, each(8)).assertEquals(whole);
    }

    @Test
    void pairsThatShareCompletionsGiveTheSameJoinedAndApart() {
        List<Comparison> pairs = Tiny.pairs();
        EncodedExample best = pairs.get(0).examples().get(0);
        EncodedExample middle = pairs.get(0).examples().get(1);
        EncodedExample worst = pairs.get(1).examples().get(0);
        List<Comparison.Preference> preferences = List.of(
                new Comparison.Preference(0, 1, 0, 1, 1),
                new Comparison.Preference(0, 2, 0, 0.9, 2),
                new Comparison.Preference(1, 2, 0, 0.3, 0.5));
        List<EncodedExample> examples = List.of(best, middle, worst);
        Outcome joined = outcome(task(List.of(new Comparison.Pairs("a", examples, preferences))), each(1));
        List<Comparison> apart = new ArrayList<>();
        for (Comparison.Preference pair : preferences) {
            apart.add(new Comparison.Pairs(
                    "b",
                    List.of(examples.get(pair.chosen()), examples.get(pair.rejected())),
                    List.of(new Comparison.Preference(0, 1, 0, pair.probability(), pair.weight()))));
        }
        Outcome single = outcome(task(apart), new int[] {0, 1, 2});
        // The entropy is a mean over the tokens that were read, and joined rows read fewer.
        joined.metrics.put("entropy", single.metrics.getOrDefault("entropy", Double.NaN));
        joined.assertEquals(single);
    }

    @Test
    void aPairOfWeightTwoIsThePairTwice() {
        List<Comparison> twice = new ArrayList<>(Tiny.pairs());
        twice.add(twice.get(1));
        List<Comparison> weighted = new ArrayList<>(Tiny.pairs());
        weighted.set(1, labelled(weighted.get(1), 1, 2));
        Outcome expected = outcome(task(twice), each(5));
        Outcome actual = outcome(task(weighted), each(4));
        actual.metrics.put("entropy", expected.metrics.getOrDefault("entropy", Double.NaN));
        actual.assertEquals(expected);
    }

    @Test
    void tiesCountInTheLossAndInNoFigureOfPairs() {
        List<Comparison> rows = Tiny.pairs();
        Map<String, Double> without = outcome(task(rows.subList(0, 2)), each(2)).metrics;
        Map<String, Double> with =
                outcome(task(List.of(rows.get(0), rows.get(1), labelled(rows.get(2), 0.5, 3))), each(3)).metrics;
        for (String name : without.keySet()) {
            if (!name.equals("entropy")) {
                assertThat(with).containsEntry(name, without.getOrDefault(name, Double.NaN));
            }
        }
        Outcome onlyTie = outcome(task(List.of(labelled(rows.get(2), 0.5, 1))), each(1));
        assertThat(onlyTie.metrics).containsOnlyKeys("entropy");
        assertThat(onlyTie.loss).isPositive();
    }

    @Test
    void aLabelThatIsProbablyWrongIsReadTheOtherWayRound() {
        Comparison pair = Tiny.pairs().get(0);
        Comparison reversed =
                Comparison.Pairs.of("b", pair.examples().get(1), pair.examples().get(0));
        outcome(task(List.of(labelled(pair, 0.2, 1))), each(1))
                .assertEquals(outcome(task(List.of(labelled(reversed, 0.8, 1))), each(1)));
    }

    @Test
    void paddingChangesNothing() {
        List<Comparison> rows = Tiny.pairs();
        int[] ids = new int[60];
        java.util.Arrays.fill(ids, 5);
        EncodedExample longest = new EncodedExample(ids, 59);
        List<Comparison> padded = new ArrayList<>();
        for (Comparison row : rows) {
            // A third completion that is in no pair makes every row of the batch 60 tokens wide.
            List<EncodedExample> examples = new ArrayList<>(row.examples());
            examples.add(longest);
            padded.add(new Comparison.Pairs(row.place(), examples, ((Comparison.Pairs) row).preferences()));
        }
        Outcome expected = outcome(task(rows), each(4));
        Outcome actual = outcome(task(padded), each(4));
        actual.metrics.put("entropy", expected.metrics.getOrDefault("entropy", Double.NaN));
        actual.assertEquals(expected);
    }

    @Test
    void precomputedAndLiveReferencesAgree() {
        List<Comparison> rows = eight();
        DpoTask live = new DpoTask(policy, new ReferenceLogProbs.Live(other), LOSS, pairs(rows), List.of());
        outcome(task(rows), each(8)).assertEquals(outcome(live, each(8)));
    }

    @Test
    void heldOutFiguresAreThoseOfTheirPairs() {
        List<Comparison> rows = eight();
        Outcome expected = outcome(task(rows), each(8));
        DpoTask task = new DpoTask(
                policy,
                ReferenceLogProbs.precompute(other, DpoTrainer.completions(rows)),
                LOSS,
                pairs(rows.subList(0, 1)),
                pairs(rows));
        Map<String, Double> figures = Torch.call(task::evaluate);
        assertThat(figures.keySet()).containsExactlyInAnyOrderElementsOf(with("loss", expected.metrics));
        assertThat(figures.get("loss")).isCloseTo(expected.loss, within(1e-6));
        expected.metrics.forEach(
                (name, value) -> assertThat(figures.get(name)).as(name).isCloseTo(value, within(1e-5)));
    }

    @Test
    void tokenAccuracyIsThatOfTheChosenCompletions() {
        int[] prompt = {5, 9, 14};
        float[] next = policy.logits(PaddedBatch.of(List.of(new EncodedExample(prompt, 3))))[0][2];
        int first = 0;
        for (int id = 1; id < next.length; id++) {
            first = next[id] > next[first] ? id : first;
        }
        int last = first == 0 ? 1 : 0;
        Comparison pair = Comparison.Pairs.of(
                "a", Tiny.example(prompt, new int[] {first}), Tiny.example(prompt, new int[] {last}));
        assertThat(outcome(task(List.of(pair)), each(1)).metrics).containsEntry("mean_token_accuracy", 1.0);
        assertThat(outcome(task(List.of(labelled(pair, 0, 1))), each(1)).metrics)
                .containsEntry("mean_token_accuracy", 0.0);
    }

    @Test
    void stepsLeaveNoArraysBehind() {
        for (ReferenceLogProbs reference : List.of(
                ReferenceLogProbs.precompute(other, DpoTrainer.completions(Tiny.pairs())),
                new ReferenceLogProbs.Live(other))) {
            DpoTask task = new DpoTask(policy, reference, LOSS, pairs(Tiny.pairs()), pairs(Tiny.pairs()));
            Torch.run(() -> {
                try (AdamW optimizer = new AdamW(policy.parameters(), AdamW.Settings.DEFAULT)) {
                    GradientStep gradient = new GradientStep(policy.parameters(), optimizer, 1.0);
                    Runnable step = () -> {
                        gradient.accumulate(
                                new int[] {0, 1}, 2, tape -> task.lossSum(new int[] {0, 1}, tape, new MetricSums()));
                        gradient.update(1e-4);
                        task.evaluate();
                    };
                    Leaks.assertNone(policy.parameters().manager(), 5, 60, step);
                    Leaks.assertNone(other.parameters().manager(), 0, 3, step);
                    Leaks.assertNone(Torch.manager(), 0, 3, step);
                }
            });
        }
    }

    private DpoTask task(List<Comparison> rows) {
        return new DpoTask(
                policy,
                ReferenceLogProbs.precompute(other, DpoTrainer.completions(rows)),
                LOSS,
                pairs(rows),
                List.of());
    }

    private Outcome outcome(DpoTask task, int[]... microBatches) {
        return Torch.call(() -> {
            try (AdamW optimizer = new AdamW(policy.parameters(), AdamW.Settings.DEFAULT)) {
                GradientStep gradient = new GradientStep(policy.parameters(), optimizer, Double.POSITIVE_INFINITY);
                MetricSums metrics = new MetricSums();
                double normaliser = 0;
                for (int[] rows : microBatches) {
                    normaliser += task.normaliser(rows);
                }
                double sum = 0;
                for (int[] rows : microBatches) {
                    sum += gradient.accumulate(rows, normaliser, tape -> task.lossSum(rows, tape, metrics));
                }
                float[] values = HostCopy.toFloats(
                        policy.parameters().get("model.embed_tokens.weight").getGradient());
                gradient.discard();
                return new Outcome(sum / normaliser, new LinkedHashMap<>(metrics.values()), values);
            }
        });
    }

    /** The four golden pairs and the same with both sides exchanged and other labels. */
    private static List<Comparison> eight() {
        List<Comparison> rows = new ArrayList<>(Tiny.pairs());
        for (Comparison row : Tiny.pairs()) {
            Comparison reversed = Comparison.Pairs.of(
                    row.place(), row.examples().get(1), row.examples().get(0));
            rows.add(labelled(reversed, 0.7, rows.size()));
        }
        return rows;
    }

    private static Comparison labelled(Comparison pair, double probability, double weight) {
        return new Comparison.Pairs(
                pair.place(), pair.examples(), List.of(new Comparison.Preference(0, 1, 0, probability, weight)));
    }

    private static List<Comparison.Pairs> pairs(List<Comparison> rows) {
        return rows.stream().map(Comparison.Pairs.class::cast).toList();
    }

    private static int[][] each(int count) {
        int[][] rows = new int[count][];
        for (int i = 0; i < count; i++) {
            rows[i] = new int[] {i};
        }
        return rows;
    }

    private static List<String> with(String name, Map<String, Double> metrics) {
        List<String> names = new ArrayList<>(metrics.keySet());
        names.add(name);
        return names;
    }
}
