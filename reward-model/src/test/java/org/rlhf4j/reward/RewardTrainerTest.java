package org.rlhf4j.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.core.optim.NonFiniteException;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.train.OptimizerConfig;
import org.rlhf4j.core.train.Progress;
import org.rlhf4j.core.train.RunHooks;
import org.rlhf4j.core.train.TrainingConfig;
import org.rlhf4j.lm.data.Comparison;
import org.rlhf4j.testing.Leaks;

class RewardTrainerTest {
    private static final long MIB = 1 << 20;

    @TempDir
    private Path folder;

    @Test
    void eightPairsAreLearnedByHeart() {
        // A reward model that stays at 50 % on these is broken, whatever its loss does.
        try (RewardModel model = TinyModels.rewardModel(folder)) {
            List<Comparison> pairs = TinyModels.pairs(model, 8);
            List<Progress.StepMetrics> logged = new ArrayList<>();
            RewardTrainer.Result result = new RewardTrainer(model, PairwiseLoss.PLAIN, TinyModels.config(60, 8, 2e-3))
                    .train(pairs, pairs, RunHooks.NONE.metrics(logged::add));

            assertThat(result.evaluation().orElseThrow().accuracy()).isEqualTo(1);
            assertThat(result.evaluation().orElseThrow().loss()).isLessThan(0.1);
            assertThat(result.training().steps()).isEqualTo(60);
            assertThat(logged.get(0).values())
                    .as("the names of TRL's reward trainer")
                    .containsKeys(
                            "loss",
                            "grad_norm",
                            "learning_rate",
                            "epoch",
                            "num_tokens",
                            "min_reward",
                            "mean_reward",
                            "max_reward",
                            "accuracy",
                            "margin");
        }
    }

    @Test
    void wholeRankingsAreLearnedToo() {
        try (RewardModel model = TinyModels.rewardModel(folder)) {
            List<Comparison> rankings = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String prompt = "Question " + i + "?";
                rankings.add(new Comparison.Ranked(
                        "rankings.jsonl:" + (i + 1),
                        List.of(
                                model.encoder().encode(prompt, "word " + (40 + i * 3)),
                                model.encoder().encode(prompt, "word " + (11 + i * 7)),
                                model.encoder().encode(prompt, "word " + (90 - i * 5))),
                        List.of(1, 2, 3),
                        1));
            }
            RewardEvaluation figures = new RewardTrainer(model, PairwiseLoss.PLAIN, TinyModels.config(100, 4, 2e-3))
                    .train(rankings, rankings)
                    .evaluation()
                    .orElseThrow();
            assertThat(figures.pairs()).isEqualTo(12);
            assertThat(figures.accuracy()).isEqualTo(1);
        }
    }

    @Test
    void oneSeedGivesTheSameWeightsAndMetricsAgain() {
        Path start = TinyModels.languageModel(folder);
        List<Map<String, float[]>> weights = new ArrayList<>();
        List<List<Progress.StepMetrics>> metrics = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            try (RewardModel model = RewardModel.start(start, UnaryOperator.identity(), 5)) {
                List<Comparison> pairs = TinyModels.pairs(model, 12);
                List<Progress.StepMetrics> logged = new ArrayList<>();
                new RewardTrainer(model, PairwiseLoss.PLAIN, TinyModels.config(12, 4, 1e-3))
                        .train(pairs.subList(0, 8), pairs.subList(8, 12), RunHooks.NONE.metrics(logged::add));
                weights.add(weights(model));
                metrics.add(logged);
            }
        }
        assertThat(metrics.get(1)).isEqualTo(metrics.get(0));
        assertSame(weights.get(1), weights.get(0));
    }

    @Test
    void heldOutRowsAreEvaluatedAndTrainedRowsAreNot() {
        try (RewardModel model = TinyModels.rewardModel(folder)) {
            List<Comparison> pairs = TinyModels.pairs(model, 7);
            List<Progress.StepMetrics> logged = new ArrayList<>();
            RewardTrainer.Result result = new RewardTrainer(model, PairwiseLoss.PLAIN, TinyModels.config(10, 4, 1e-3))
                    .train(pairs.subList(0, 4), pairs.subList(4, 7), RunHooks.NONE.metrics(logged::add));
            assertThat(result.evaluation().orElseThrow().pairs()).isEqualTo(3);
            assertThat(result.training().metrics())
                    .containsEntry(
                            "eval_accuracy", result.evaluation().orElseThrow().accuracy())
                    .containsEntry(
                            "eval_loss", result.evaluation().orElseThrow().loss());
            assertThat(logged.get(logged.size() - 1).values())
                    .containsKeys("eval_loss", "eval_accuracy", "eval_margin", "eval_ece");
        }
    }

    @Test
    void aGradientThatIsNotFiniteStopsBeforeTheUpdateAndNamesTheRows() {
        try (RewardModel model = TinyModels.rewardModel(folder)) {
            List<Comparison> rows = new ArrayList<>(TinyModels.pairs(model, 4));
            Comparison.Pairs good = (Comparison.Pairs) rows.get(2);
            rows.set(
                    2,
                    new Comparison.Pairs(
                            "pairs.jsonl:3",
                            good.examples(),
                            List.of(new Comparison.Preference(0, 1, Double.POSITIVE_INFINITY, 1, 1))));
            Map<String, float[]> before = weights(model);
            RewardTrainer trainer = new RewardTrainer(model, PairwiseLoss.PLAIN, TinyModels.config(10, 4, 1e-3));
            assertThatThrownBy(() -> trainer.train(rows, List.of()))
                    .isInstanceOf(NonFiniteException.class)
                    .hasMessageContaining("step 1: the loss is not finite")
                    .hasMessageContaining("pairs.jsonl:3");
            assertSame(weights(model), before);
            assertThat(model.score("p", "c")).as("the model stays usable").isFinite();
        }
    }

    /**
     * Two runs of the same settings, the second of which is measured: in the first the virtual machine loads classes and
     * compiles, which takes some 10 MiB by step 150 and has nothing to do with tensors.
     */
    @Test
    void memoryDoesNotGrowWithTheSteps() {
        try (RewardModel model = TinyModels.rewardModel(folder)) {
            List<Comparison> pairs = TinyModels.pairs(model, 32);
            Map<Long, Long> resident = new LinkedHashMap<>();
            Map<Long, List<Integer>> arrays = new LinkedHashMap<>();
            TrainingConfig config =
                    new TrainingConfig(1, 300, 8, 4, true, false, 3, 25, 100, null, OptimizerConfig.defaults(1e-4));
            RewardTrainer trainer = new RewardTrainer(model, PairwiseLoss.PLAIN, config);
            RunHooks hooks = RunHooks.NONE.progress(new Progress() {
                @Override
                public void step(Step step) {
                    if (step.step() % 50 == 0) {
                        resident.put(step.step(), resident());
                        arrays.put(step.step(), counts(model));
                    }
                }
            });
            for (int run = 0; run < 2; run++) {
                resident.clear();
                arrays.clear();
                trainer.train(pairs.subList(0, 24), pairs.subList(24, 32), hooks);
            }

            assertThat(arrays.values())
                    .as("arrays of the root and of the weights")
                    .hasSize(6)
                    .containsOnly(arrays.get(50L));
            long at50 = resident.getOrDefault(50L, 0L);
            long at300 = resident.getOrDefault(300L, 0L);
            assertThat(at50).isGreaterThan(50 * MIB);
            assertThat((double) at300 / at50)
                    .as("resident memory of the steps %s", resident)
                    .isLessThanOrEqualTo(1.02);
        }
    }

    /** After a collection, so that what is counted is what is in use and not what the collector has yet to find. */
    private static long resident() {
        System.gc();
        return Leaks.residentBytes();
    }

    private static List<Integer> counts(RewardModel model) {
        return Torch.call(() -> List.of(
                Leaks.count(Torch.manager()), Leaks.count(model.parameters().manager())));
    }

    private static Map<String, float[]> weights(RewardModel model) {
        return Torch.call(() -> {
            Map<String, float[]> values = new LinkedHashMap<>();
            for (String name : model.parameters().names()) {
                values.put(name, HostCopy.toFloats(model.parameters().get(name)));
            }
            return values;
        });
    }

    private static void assertSame(Map<String, float[]> weights, Map<String, float[]> expected) {
        assertThat(weights.keySet()).isEqualTo(expected.keySet());
        weights.forEach((name, values) -> assertThat(values).as(name).containsExactly(expected.get(name)));
    }

    @Test
    void heldOutRowsThatOrderNothingAreRefusedBeforeTheFirstStep() {
        try (RewardModel model = TinyModels.rewardModel(folder)) {
            List<Comparison> pairs = TinyModels.pairs(model, 2);
            List<Comparison> ties =
                    List.of(new Comparison.Ranked("ties.jsonl:1", pairs.get(0).examples(), List.of(1, 1), 1));
            assertThatThrownBy(() -> new RewardTrainer(model, PairwiseLoss.PLAIN, TinyModels.config(1, 2, 1e-3))
                            .train(pairs, ties))
                    .hasMessageContaining("only ties");
            assertThat(new RewardTrainer(model, PairwiseLoss.PLAIN, TinyModels.config(1, 2, 1e-3))
                            .train(pairs, List.of())
                            .evaluation())
                    .isEmpty();
        }
    }
}
