package org.rlhf4j.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.core.optim.AdamW;
import org.rlhf4j.core.optim.GradientStep;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.train.MetricSums;
import org.rlhf4j.lm.Checkpoint;
import org.rlhf4j.lm.data.Comparison;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.testing.Golden;
import org.rlhf4j.testing.Leaks;

class RewardTaskTest {
    private static final JsonNode GOLDEN = Golden.json("train/reward_step");

    @TempDir
    private Path folder;

    @Test
    void threeStepsEqualTheReferenceImplementation() {
        Torch.run(() -> {
            try (Parameters weights = load()) {
                RewardTask task = task(weights, goldenPairs());
                try (AdamW optimizer = new AdamW(weights, new AdamW.Settings(0.9, 0.999, 1e-8, 0))) {
                    GradientStep gradient = new GradientStep(weights, optimizer, 1.0);
                    double[] losses = Golden.doubles(GOLDEN.get("losses"));
                    double[] norms = Golden.doubles(GOLDEN.get("gradient_norms"));
                    int[] all = {0, 1, 2, 3};
                    for (int step = 0; step < losses.length; step++) {
                        double sum = gradient.accumulate(all, 4, tape -> task.lossSum(all, tape, new MetricSums()));
                        double norm = gradient.update(1e-3).gradNorm();
                        assertThat(sum / 4).isCloseTo(losses[step], within(1e-5));
                        assertThat(norm).isCloseTo(norms[step], within(1e-5 * norms[step]));
                        if (step == 0) {
                            GOLDEN.get("after")
                                    .properties()
                                    .forEach(expected -> assertThat(doubles(weights, expected.getKey()))
                                            .as(expected.getKey())
                                            .containsExactly(Golden.doubles(expected.getValue()), within(1e-6)));
                        }
                    }
                }
            }
        });
    }

    @Test
    void oneBatchOfFourGivesTheGradientOfFourBatchesOfOne() {
        Torch.run(() -> {
            try (Parameters weights = load()) {
                RewardTask task = task(weights, goldenPairs());
                assertThat(accumulated(weights, task, List.of(new int[] {0, 1, 2, 3})))
                        .containsExactly(
                                accumulated(
                                        weights, task, List.of(new int[] {2}, new int[] {0}, new int[] {3}, new int[] {1
                                        })),
                                within(1e-6 * 7)); // of the gradient's norm, which is 6.9
            }
        });
    }

    @Test
    void aRankingOfTwoIsAPair() {
        List<Comparison> rankings = new ArrayList<>();
        for (Comparison pair : goldenPairs()) {
            rankings.add(new Comparison.Ranked(pair.place(), pair.examples(), List.of(1, 2), 1));
        }
        Torch.run(() -> {
            try (Parameters weights = load()) {
                int[] all = {0, 1, 2, 3};
                assertThat(accumulated(weights, task(weights, rankings), List.of(all)))
                        .containsExactly(
                                accumulated(weights, task(weights, goldenPairs()), List.of(all)), within(1e-6 * 7));
            }
        });
    }

    @Test
    void pairsThatShareCompletionsGiveTheSameGradientJoinedAndApart() {
        List<Comparison> apart = goldenPairs();
        EncodedExample best = apart.get(0).examples().get(0);
        EncodedExample middle = apart.get(0).examples().get(1);
        EncodedExample worst = apart.get(1).examples().get(0);
        List<Comparison> single = List.of(
                Comparison.Pairs.of("a", best, middle),
                Comparison.Pairs.of("b", best, worst),
                Comparison.Pairs.of("c", middle, worst));
        List<Comparison> joined = List.of(new Comparison.Pairs(
                "a",
                List.of(best, middle, worst),
                List.of(
                        new Comparison.Preference(0, 1, 0, 1, 1),
                        new Comparison.Preference(0, 2, 0, 1, 1),
                        new Comparison.Preference(1, 2, 0, 1, 1))));
        Torch.run(() -> {
            try (Parameters weights = load()) {
                assertThat(accumulated(weights, task(weights, joined), List.of(new int[] {0})))
                        .containsExactly(
                                accumulated(weights, task(weights, single), List.of(new int[] {0, 1, 2})),
                                within(1e-6 * 7));
                assertThat(task(weights, joined).normaliser(new int[] {0})).isEqualTo(3);
            }
        });
    }

    @Test
    void stepsLeaveNoArraysBehind() {
        Torch.run(() -> {
            try (Parameters weights = load()) {
                RewardTask task = task(weights, goldenPairs());
                try (AdamW optimizer = new AdamW(weights, AdamW.Settings.DEFAULT)) {
                    GradientStep gradient = new GradientStep(weights, optimizer, 1.0);
                    Leaks.assertNone(weights.manager(), 5, 50, () -> {
                        gradient.accumulate(
                                new int[] {0, 1}, 2, tape -> task.lossSum(new int[] {0, 1}, tape, new MetricSums()));
                        gradient.update(1e-3);
                    });
                }
            }
        });
    }

    @Test
    void metricsAreThoseOfTheLabels() {
        Torch.run(() -> {
            try (Parameters weights = load()) {
                MetricSums metrics = new MetricSums();
                RewardTask task = task(weights, goldenPairs());
                org.rlhf4j.core.tensor.Tape.evaluate(tape -> task.lossSum(new int[] {0, 1, 2, 3}, tape, metrics));
                // first row of the golden scores: chosen -0.429 1.291 0.036 0.612, rejected 0.228 -0.520 -0.452 -0.816
                double[] scores = Golden.rows(GOLDEN.get("scores"))[0];
                assertThat(metrics.values().get("accuracy")).isEqualTo(0.75);
                double margin = 0;
                for (int i = 0; i < 4; i++) {
                    margin += (scores[i] - scores[4 + i]) / 4;
                }
                assertThat(metrics.values().get("margin")).isCloseTo(margin, within(1e-5));
                assertThat(metrics.values().get("max_reward")).isCloseTo(1.290749, within(1e-5));
                assertThat(metrics.values().get("min_reward")).isCloseTo(-0.815836, within(1e-5));
            }
        });
    }

    private Parameters load() {
        Path copy = folder.resolve("llama_rm");
        Path model = java.nio.file.Files.exists(copy) ? copy : Golden.copyDirectory("models/llama_rm", folder);
        try (Checkpoint checkpoint = Checkpoint.open(model)) {
            Parameters weights = checkpoint.load();
            weights.setAllTrainable(true);
            return weights;
        }
    }

    private RewardTask task(Parameters weights, List<Comparison> rows) {
        try (Checkpoint checkpoint = Checkpoint.open(folder.resolve("llama_rm"))) {
            return new RewardTask(checkpoint.config().scorer(weights), PairwiseLoss.PLAIN, rows, null);
        }
    }

    private static List<Comparison> goldenPairs() {
        int[][] chosen = Golden.intRows(GOLDEN.get("chosen"));
        int[][] rejected = Golden.intRows(GOLDEN.get("rejected"));
        List<Comparison> pairs = new ArrayList<>();
        for (int i = 0; i < chosen.length; i++) {
            pairs.add(Comparison.Pairs.of(
                    "pairs.jsonl:" + (i + 1), new EncodedExample(chosen[i], 1), new EncodedExample(rejected[i], 1)));
        }
        return pairs;
    }

    private static double[] accumulated(Parameters weights, RewardTask task, List<int[]> microBatches) {
        try (AdamW optimizer = new AdamW(weights, AdamW.Settings.DEFAULT)) {
            GradientStep gradient = new GradientStep(weights, optimizer, Double.POSITIVE_INFINITY);
            for (int[] rows : microBatches) {
                gradient.accumulate(rows, 4, tape -> task.lossSum(rows, tape, new MetricSums()));
            }
            List<Double> values = new ArrayList<>();
            for (String name : weights.trainableNames()) {
                for (float value : HostCopy.toFloats(weights.get(name).getGradient())) {
                    values.add((double) value);
                }
            }
            gradient.discard();
            return values.stream().mapToDouble(Double::doubleValue).toArray();
        }
    }

    private static double[] doubles(Parameters weights, String name) {
        float[] narrow = HostCopy.toFloats(weights.get(name));
        double[] wide = new double[narrow.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = narrow[i];
        }
        return wide;
    }
}
