package org.rlhf4j.lm.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.core.optim.AdamW;
import org.rlhf4j.core.optim.GradientStep;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.train.MetricSums;
import org.rlhf4j.core.train.OptimizerConfig;
import org.rlhf4j.core.train.Progress;
import org.rlhf4j.core.train.RunHooks;
import org.rlhf4j.core.train.TrainingConfig;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.PaddedBatch;
import org.rlhf4j.lm.data.EncodedDemonstration;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.testing.Golden;
import org.rlhf4j.testing.Leaks;

class SftTrainerTest {
    private static final int VOCABULARY = 19;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private LanguageModel model() {
        return LanguageModel.open(Golden.copyDirectory("models/smollm2", folder));
    }

    /** Rows of unequal length; every second one is a conversation with two turns that count. */
    private static List<EncodedDemonstration> rows(int count) {
        SeededStream stream = SeededStream.of(5, "rows");
        List<EncodedDemonstration> rows = new ArrayList<>();
        for (int row = 0; row < count; row++) {
            int length = 6 + stream.nextInt(14);
            int[] ids = IntStream.range(0, length)
                    .map(i -> stream.nextInt(VOCABULARY))
                    .toArray();
            boolean[] mask = new boolean[length];
            for (int i = 2; i < length; i++) {
                mask[i] = row % 2 == 0 || i < 4 || i > 5;
            }
            rows.add(new EncodedDemonstration("sft.jsonl:" + (row + 1), new EncodedExample(ids, mask)));
        }
        return rows;
    }

    private static TrainingConfig config(int steps, int evalSteps, String keepBest) {
        return new TrainingConfig(
                1, steps, 4, 2, true, false, 3, 5, evalSteps, keepBest, OptimizerConfig.defaults(2e-2));
    }

    @Test
    void aFewRowsAreLearnedByHeartAndTheFiguresHaveTheNamesOfTrl() {
        try (LanguageModel model = model()) {
            List<EncodedDemonstration> rows = rows(4);
            SftEvaluation before = SftEvaluation.of(model, rows);
            List<Progress.StepMetrics> logged = new ArrayList<>();
            SftTrainer.Result result = new SftTrainer(model, config(80, 0, "eval_loss"))
                    .train(rows, rows, RunHooks.NONE.metrics(logged::add));
            SftEvaluation after = result.evaluation().orElseThrow();
            assertThat(before.loss()).isGreaterThan(2.5);
            assertThat(after.loss()).isLessThan(0.5);
            assertThat(after.tokenAccuracy()).isGreaterThan(0.9);
            assertThat(after.perplexity()).isCloseTo(Math.exp(after.loss()), within(1e-12));
            assertThat(after.tokens())
                    .isEqualTo(rows.stream()
                            .mapToLong(row -> row.example().completionLength())
                            .sum());
            assertThat(logged.get(0).values())
                    .containsOnlyKeys(
                            "loss",
                            "grad_norm",
                            "learning_rate",
                            "epoch",
                            "num_tokens",
                            "entropy",
                            "mean_token_accuracy");
            assertThat(logged.get(logged.size() - 1).values())
                    .containsOnlyKeys(
                            "eval_loss", "eval_perplexity", "eval_entropy", "eval_mean_token_accuracy", "epoch");
        }
    }

    @Test
    void theBestHeldOutWeightsAreKept() {
        try (LanguageModel model = model()) {
            List<EncodedDemonstration> rows = rows(12);
            List<Double> losses = new ArrayList<>();
            SftTrainer.Result result = new SftTrainer(model, config(40, 2, "eval_loss"))
                    .train(rows.subList(0, 4), rows.subList(4, 12), RunHooks.NONE.metrics(metrics -> {
                        if (metrics.values().containsKey("eval_loss")) {
                            losses.add(metrics.values().get("eval_loss"));
                        }
                    }));
            double best = losses.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
            assertThat(losses.get(losses.size() - 1)).as("learning by heart").isGreaterThan(best + 0.01);
            assertThat(result.evaluation().orElseThrow().loss()).isCloseTo(best, within(1e-9));
            assertThat(result.training().bestStep()).isLessThan(40L);
        }
    }

    @Test
    void figuresAreMeansOverTheTokensThatCount() {
        // Against the whole logits of each row alone.
        try (LanguageModel model = model()) {
            List<EncodedDemonstration> rows = rows(5);
            double loss = 0;
            double entropy = 0;
            int correct = 0;
            int tokens = 0;
            for (EncodedDemonstration row : rows) {
                int[] ids = row.example().ids();
                boolean[] mask = row.example().completionMask();
                float[][] logits = model.logits(PaddedBatch.of(List.of(row.example())))[0];
                for (int i = 1; i < ids.length; i++) {
                    if (mask[i]) {
                        double[] logProbs = logSoftmax(logits[i - 1]);
                        int best = 0;
                        for (int v = 0; v < logProbs.length; v++) {
                            entropy -= Math.exp(logProbs[v]) * logProbs[v];
                            best = logProbs[v] > logProbs[best] ? v : best;
                        }
                        loss -= logProbs[ids[i]];
                        correct += best == ids[i] ? 1 : 0;
                        tokens++;
                    }
                }
            }
            SftEvaluation evaluation = SftEvaluation.of(model, rows);
            assertThat(evaluation.tokens()).isEqualTo(tokens);
            assertThat(evaluation.loss()).isCloseTo(loss / tokens, within(1e-5));
            assertThat(evaluation.entropy()).isCloseTo(entropy / tokens, within(1e-5));
            assertThat(evaluation.tokenAccuracy()).isEqualTo((double) correct / tokens);
            MetricSums sums = new MetricSums();
            SftTask task = new SftTask(model, rows, List.of(), false);
            int[] all = {0, 1, 2, 3, 4};
            double sum = Torch.call(() -> Tape.evaluate(tape -> task.lossSum(all, tape, sums)));
            assertThat(sum / task.normaliser(all)).isCloseTo(evaluation.loss(), within(1e-6));
            assertThat(sums.values().get("entropy")).isCloseTo(evaluation.entropy(), within(1e-6));
            assertThat(sums.values().get("mean_token_accuracy")).isEqualTo(evaluation.tokenAccuracy());
        }
    }

    private static double[] logSoftmax(float[] logits) {
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit);
        }
        double[] values = new double[logits.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = logits[i] - Math.log(sum);
        }
        return values;
    }

    @Test
    void oneBatchOfEightGivesTheGradientOfFourOfTwoAndOfRowsAlone() {
        try (LanguageModel model = model()) {
            SftTask task = new SftTask(model, rows(8), List.of(), false);
            double[] whole = gradient(model, task, 8);
            double norm = Math.sqrt(IntStream.range(0, whole.length)
                    .mapToDouble(i -> whole[i] * whole[i])
                    .sum());
            assertThat(norm).isGreaterThan(0.1);
            assertThat(gradient(model, task, 2)).containsExactly(whole, within(1e-6 * norm));
            assertThat(gradient(model, task, 1)).as("without padding").containsExactly(whole, within(1e-6 * norm));
        }
    }

    private static double[] gradient(LanguageModel model, SftTask task, int microBatch) {
        int[] all = IntStream.range(0, task.size()).toArray();
        return Torch.call(() -> {
            model.parameters().setAllTrainable(true);
            try (AdamW optimizer = new AdamW(model.parameters(), AdamW.Settings.DEFAULT)) {
                GradientStep step = new GradientStep(model.parameters(), optimizer, Double.POSITIVE_INFINITY);
                for (int from = 0; from < all.length; from += microBatch) {
                    int[] rows = java.util.Arrays.copyOfRange(all, from, from + microBatch);
                    step.accumulate(rows, task.normaliser(all), tape -> task.lossSum(rows, tape, new MetricSums()));
                }
                double[] values = model.parameters().trainableNames().stream()
                        .flatMapToDouble(name -> {
                            float[] narrow = HostCopy.toFloats(
                                    model.parameters().get(name).getGradient());
                            return IntStream.range(0, narrow.length).mapToDouble(i -> narrow[i]);
                        })
                        .toArray();
                step.discard();
                return values;
            }
        });
    }

    @Test
    void stepsLeaveNoArraysBehind() {
        try (LanguageModel model = model()) {
            SftTask task = new SftTask(model, rows(8), List.of(), false);
            Torch.run(() -> {
                model.parameters().setAllTrainable(true);
                try (AdamW optimizer = new AdamW(model.parameters(), AdamW.Settings.DEFAULT)) {
                    GradientStep gradient = new GradientStep(model.parameters(), optimizer, 1.0);
                    int[] rows = {0, 1, 2};
                    Leaks.assertNone(model.parameters().manager(), 5, 60, () -> {
                        gradient.accumulate(
                                rows, task.normaliser(rows), tape -> task.lossSum(rows, tape, new MetricSums()));
                        gradient.update(1e-3);
                    });
                }
            });
        }
    }

    @Test
    void rowsWithNothingToLearnAreRefused() {
        assertThatThrownBy(() -> new EncodedDemonstration("f:1", new EncodedExample(new int[] {1, 2}, 2)))
                .hasMessage("f:1: no token counts, so there is nothing to learn");
        assertThatThrownBy(() -> new EncodedDemonstration("f:1", new EncodedExample(new int[] {1, 2}, 0)))
                .hasMessage("f:1: nothing stands before the first token that counts, so nothing predicts it");
    }
}
