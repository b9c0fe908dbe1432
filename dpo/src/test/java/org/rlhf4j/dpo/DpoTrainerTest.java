package org.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.core.train.Progress;
import org.rlhf4j.core.train.RunHooks;
import org.rlhf4j.core.train.TrainingConfig;
import org.rlhf4j.core.train.TrainingResult;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.data.Comparison;
import org.rlhf4j.lm.text.EncodedExample;

class DpoTrainerTest {
    private static final int VOCABULARY = 61;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void heldOutMarginsRise(long seed) {
        List<Comparison> rows = evenBeforeOdd(128, seed);
        List<Comparison> heldOut = evenBeforeOdd(48, seed + 100);
        try (LanguageModel policy = Tiny.policy(folder);
                LanguageModel start = Tiny.policy(folder)) {
            byte[] before = start.sha256();
            ReferenceLogProbs reference = new ReferenceLogProbs.Live(start);
            TrainingResult result = new DpoTrainer(policy, reference, DpoLoss.DEFAULT, Tiny.config(80, 16, 16, 3e-3))
                    .train(rows, heldOut);

            // Before the first step every reward is 0.
            assertThat(result.metrics().get("eval_rewards/margins")).isGreaterThan(0.5);
            assertThat(result.metrics().get("eval_rewards/accuracies")).isGreaterThan(0.9);
            assertThat(result.metrics().get("eval_loss")).isLessThan(0.55);
            assertThat(start.sha256()).as("the reference").isEqualTo(before);
            assertThat(policy.sha256()).isNotEqualTo(before);
        }
    }

    @Test
    void theBestHeldOutWeightsAreKept() {
        List<Comparison> rows = evenBeforeOdd(16, 5);
        // The opposite of what is learned: the first evaluation is the best.
        List<Comparison> heldOut = rows.stream()
                .<Comparison>map(row -> Comparison.Pairs.of(
                        row.place(), row.examples().get(1), row.examples().get(0)))
                .toList();
        try (LanguageModel policy = Tiny.policy(folder)) {
            ReferenceLogProbs reference = ReferenceLogProbs.precompute(policy, DpoTrainer.completions(rows, heldOut));
            List<Progress.StepMetrics> logged = new ArrayList<>();
            TrainingResult result = new DpoTrainer(policy, reference, DpoLoss.DEFAULT, keepBest("eval_loss", 1e-3))
                    .train(rows, heldOut, RunHooks.NONE.metrics(logged::add));
            List<Double> losses = logged.stream()
                    .filter(figures -> figures.values().containsKey("eval_loss"))
                    .map(figures -> figures.values().getOrDefault("eval_loss", Double.NaN))
                    .toList();
            assertThat(losses.get(11)).isGreaterThan(losses.get(0));
            assertThat(result.metrics()).containsEntry("eval_loss", losses.get(0));
            assertThat(result.bestStep()).isEqualTo(2);
        }
    }

    @Test
    void thereIsNothingToPickByWhenEveryHeldOutPairIsATie() {
        List<Comparison> rows = Tiny.pairs();
        List<Comparison> ties = List.of(new Comparison.Pairs(
                "ties.jsonl:1", rows.get(0).examples(), List.of(new Comparison.Preference(0, 1, 0, 0.5, 1))));
        try (LanguageModel policy = Tiny.policy(folder)) {
            ReferenceLogProbs reference = ReferenceLogProbs.precompute(policy, DpoTrainer.completions(rows));
            assertThatThrownBy(() -> new DpoTrainer(
                                    policy, reference, DpoLoss.DEFAULT, keepBest("eval_rewards/accuracies", 1e-3))
                            .train(rows, ties))
                    .hasMessageContaining("keepBest: unknown metric \"eval_rewards/accuracies\"");
            assertThat(new DpoTrainer(policy, reference, DpoLoss.DEFAULT, keepBest("eval_loss", 1e-3))
                            .train(rows, ties)
                            .metrics()
                            .get("eval_loss"))
                    .isGreaterThan(Math.log(2));
        }
    }

    @Test
    void whatDpoCannotLearnFromIsRefused() {
        List<Comparison> rows = Tiny.pairs();
        List<EncodedExample> examples = rows.get(0).examples();
        try (LanguageModel policy = Tiny.policy(folder)) {
            assertThatThrownBy(() -> new DpoTrainer(
                            policy, new ReferenceLogProbs.Live(policy), DpoLoss.DEFAULT, Tiny.config(1, 1, 1, 1e-3)))
                    .hasMessageContaining("its own reference");
            ReferenceLogProbs reference = ReferenceLogProbs.precompute(policy, DpoTrainer.completions(rows));
            DpoTrainer trainer = new DpoTrainer(policy, reference, DpoLoss.DEFAULT, Tiny.config(1, 1, 1, 1e-3));
            assertThatThrownBy(() -> trainer.train(
                            List.of(new Comparison.Ranked("ranks.jsonl:7", examples, List.of(1, 2), 1)), List.of()))
                    .hasMessageContaining("ranks.jsonl:7 is a ranking");
            EncodedExample empty = new EncodedExample(new int[] {3, 4}, 2);
            assertThatThrownBy(() ->
                            trainer.train(rows, List.of(Comparison.Pairs.of("p.jsonl:2", empty, examples.get(0)))))
                    .hasMessageContaining("p.jsonl:2 has a completion without a token");
            EncodedExample fresh = new EncodedExample(new int[] {3, 4}, 1);
            assertThatThrownBy(() ->
                            trainer.train(List.of(Comparison.Pairs.of("p.jsonl:3", fresh, examples.get(0))), List.of()))
                    .hasMessageContaining("no reference value was computed");
        }
    }

    @Test
    void chosenCompletionsThatFallFarAreMentioned() {
        assertThat(DpoTrainer.warning(ended(Map.of("logps/chosen_drift", -0.3))))
                .hasValueSatisfying(text -> assertThat(text).contains("0.30 nats a token less likely"));
        assertThat(DpoTrainer.warning(ended(Map.of("logps/chosen_drift", -0.3, "eval_logps/chosen_drift", -0.1))))
                .isEmpty();
        assertThat(DpoTrainer.warning(ended(Map.of()))).isEmpty();
    }

    private static TrainingResult ended(Map<String, Double> metrics) {
        return new TrainingResult(1, 1, 1, metrics, null, false);
    }

    private static TrainingConfig keepBest(String metric, double learningRate) {
        TrainingConfig plain = Tiny.config(24, 8, 8, learningRate);
        return new TrainingConfig(1, 24, 8, 8, true, false, 3, 10, 2, metric, plain.optimizer());
    }

    /** Random prompts; the chosen completion is of even ids, the rejected one of odd ids, both end in EOS. */
    private static List<Comparison> evenBeforeOdd(int count, long seed) {
        SeededStream stream = SeededStream.of(seed, "even before odd");
        List<Comparison> pairs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] prompt = new int[3 + stream.nextInt(4)];
            for (int j = 0; j < prompt.length; j++) {
                prompt[j] = 3 + stream.nextInt(VOCABULARY - 3);
            }
            pairs.add(Comparison.Pairs.of(
                    "even.jsonl:" + (i + 1),
                    Tiny.example(prompt, completion(stream, 0)),
                    Tiny.example(prompt, completion(stream, 1))));
        }
        return pairs;
    }

    private static int[] completion(SeededStream stream, int parity) {
        int[] ids = new int[3 + stream.nextInt(5)];
        for (int i = 0; i < ids.length - 1; i++) {
            ids[i] = 4 + 2 * stream.nextInt((VOCABULARY - 5) / 2) + parity;
        }
        ids[ids.length - 1] = 2;
        return ids;
    }
}
