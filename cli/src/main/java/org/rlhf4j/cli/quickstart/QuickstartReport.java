package org.rlhf4j.cli.quickstart;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.base.JsonLines;
import org.rlhf4j.cli.compare.CompareCommand;
import org.rlhf4j.cli.console.Models;
import org.rlhf4j.cli.console.Plugins;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.scorer.NamedScorer;
import org.rlhf4j.cli.world.BagOfTokens;
import org.rlhf4j.cli.world.TextWorld;
import org.rlhf4j.lm.compare.BestOfN;
import org.rlhf4j.lm.compare.PolicyComparison;
import org.rlhf4j.lm.compare.ScoredSamples;
import org.rlhf4j.lm.data.ComparisonSet;
import org.rlhf4j.preference.PairStrategy;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.TiePolicy;
import org.rlhf4j.preference.read.Preferences;
import org.rlhf4j.preference.read.Rows;
import org.rlhf4j.reward.RewardEvaluation;
import org.rlhf4j.reward.RewardEvaluator;
import org.rlhf4j.reward.RewardModel;

/** The last thing that the quickstart prints: its models against the known true reward. */
final class QuickstartReport {
    private static final int EXAMPLES = 4;

    private final Terminal terminal;
    private final Map<String, Double> seconds;
    private final boolean json;

    QuickstartReport(Terminal terminal, Map<String, Double> seconds, boolean json) {
        this.terminal = terminal;
        this.seconds = seconds;
        this.json = json;
    }

    /** How good the reward model is, and what it could be at best and at least. */
    private record Reward(RewardEvaluation figures, double ceiling, double shortcut, double spearman) {}

    /** The baselines that choose among the samples of the SFT model instead of training anything. */
    private record Baselines(BestOfN byWordCounts, BestOfN byRewardModel) {}

    /**
     * Measures and prints.
     *
     * @param rankings what was trained on
     * @param test held-out rankings
     * @param rewardModel the trained reward model
     * @param scored its scores of the held-out completions
     * @param policies by method, in the order of the table: what the SFT model (a) and the model aligned by it (b) wrote to
     *     the held-out prompts
     */
    void show(Path rankings, Path test, Path rewardModel, Path scored, Map<String, CompareCommand.Result> policies)
            throws IOException {
        long begin = System.nanoTime();
        List<PreferencePair> testPairs = pairs(test);
        BagOfTokens shortcut = BagOfTokens.fit(pairs(rankings));
        List<JsonFields> rows = rows(scored);
        TextWorld world = new TextWorld();
        double[] scores = rows.stream().mapToDouble(row -> row.number("score")).toArray();
        double[] truth = rows.stream()
                .mapToDouble(row -> world.score(row.text("prompt"), row.text("completion")))
                .toArray();
        Reward reward = new Reward(
                evaluate(rewardModel, test),
                world.ceiling(testPairs),
                shortcut.accuracy(testPairs),
                new SpearmansCorrelation().correlation(scores, truth));
        Baselines baselines = baselines(policies.values().iterator().next(), rewardModel, shortcut);
        seconds.put("evaluate", (System.nanoTime() - begin) / 1e9);

        examples(rows, truth);
        rewardModel(reward);
        policies(policies, baselines);
        terminal.result("");
        terminal.result("Seconds: %s", timings());
        if (json) {
            terminal.json(values(reward, policies, baselines));
        }
    }

    private static List<PreferencePair> pairs(Path file) {
        try (Rows<PreferencePair> rows = Preferences.readPairs(file, PairStrategy.ALL, TiePolicy.DROP)) {
            return rows.stream().map(row -> row.value()).toList();
        }
    }

    private static RewardEvaluation evaluate(Path rewardModel, Path test) {
        try (RewardModel model = RewardModel.open(rewardModel);
                Rows<Ranking> rows = Preferences.readRankings(test)) {
            return RewardEvaluator.evaluate(
                    model, ComparisonSet.encode(rows, model.encoder(), true).rows());
        }
    }

    private static List<JsonFields> rows(Path file) {
        List<JsonFields> rows = new ArrayList<>();
        try (JsonLines lines = JsonLines.open(file)) {
            lines.forEachRemaining(line -> rows.add(line.fields()));
        }
        return rows;
    }

    private Baselines baselines(CompareCommand.Result policies, Path rewardModel, BagOfTokens shortcut)
            throws IOException {
        ScoredSamples judged = policies.comparison().a();
        try (NamedScorer model =
                NamedScorer.open("--select", rewardModel.toString(), new Plugins(), new Models(terminal))) {
            return new Baselines(
                    BestOfN.of(judged, policies.a().map((prompt, completion) -> shortcut.score(completion))),
                    BestOfN.of(judged, policies.a().scores(model)));
        }
    }

    private void examples(List<JsonFields> rows, double[] truth) {
        terminal.result("");
        terminal.result("%s", rows.get(0).text("prompt"));
        terminal.result("  %-68s %8s %8s", "completion", "score", "true");
        for (int i = 0; i < EXAMPLES; i++) {
            terminal.result(
                    "  %-68s %8.2f %8.1f",
                    rows.get(i).text("completion"), rows.get(i).number("score"), truth[i]);
        }
    }

    private void rewardModel(Reward reward) {
        RewardEvaluation figures = reward.figures;
        terminal.result("");
        terminal.result("Reward model, on held-out prompts: none of their trios of ingredients occurs in training.");
        terminal.result("  pairs                                    %,d", figures.pairs());
        terminal.result("  noise ceiling of the labels              %.1f %%", 100 * reward.ceiling);
        terminal.result(
                "  accuracy of the reward model             %.1f %% (95 %% interval %.1f to %.1f)",
                100 * figures.accuracy(), 100 * figures.accuracyLow(), 100 * figures.accuracyHigh());
        terminal.result("  accuracy of a word-count shortcut        %.1f %%", 100 * reward.shortcut);
        terminal.result("  Spearman of score and true reward        %.3f", reward.spearman);
        terminal.result("  expected calibration error               %.3f", figures.calibrationError());
    }

    private void policies(Map<String, CompareCommand.Result> policies, Baselines baselines) {
        CompareCommand.Result first = policies.values().iterator().next();
        ScoredSamples sft = first.comparison().a();
        terminal.result("");
        terminal.result(
                "Policies, by the true reward (0 to 10) of %d samples at temperature 1 for each of %d held-out prompts.",
                sft.samples(), sft.prompts());
        terminal.result("  %-40s %12s %28s", "", "true reward", "KL from SFT, nats/sequence");
        policy("SFT model", sft.meanScore().value(), "0");
        policy(
                "best of 4 by the word-count shortcut",
                baselines.byWordCounts.score().value(),
                bound(baselines));
        policy("best of 4 by the reward model", baselines.byRewardModel.score().value(), bound(baselines));
        policies.forEach((method, result) -> policy(
                method + " model",
                result.comparison().b().meanScore().value(),
                number(result.comparison().kl().value())));
        policies.forEach((method, result) -> gain(method, result.comparison()));
        terminal.result("");
        terminal.result("%s", ((Content.Text) first.a().prompts().get(0)).text());
        terminal.result("  SFT: %s", first.a().completions().get(0).get(0).text());
        policies.forEach((method, result) -> terminal.result(
                "  %s: %s", method, result.b().completions().get(0).get(0).text()));
    }

    private void gain(String method, PolicyComparison comparison) {
        terminal.result(
                "  %s gains %.2f points (95 %% interval %.2f to %.2f), %.2f standard deviations of the SFT model (%.2f)",
                method,
                comparison.gain().value(),
                comparison.gain().low(),
                comparison.gain().high(),
                comparison.gain().value() / comparison.a().scoreDeviation(),
                comparison.a().scoreDeviation());
    }

    private void policy(String name, double reward, String kl) {
        terminal.result("  %-40s %12.2f %28s", name, reward, kl);
    }

    private static String bound(Baselines baselines) {
        return "at most " + number(baselines.byRewardModel.klBound());
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    private Map<String, Object> values(
            Reward reward, Map<String, CompareCommand.Result> policies, Baselines baselines) {
        ScoredSamples sft = policies.values().iterator().next().comparison().a();
        Map<String, Object> rewardModel = new LinkedHashMap<>();
        rewardModel.put("accuracy", reward.figures.accuracy());
        rewardModel.put("ceiling", reward.ceiling);
        rewardModel.put("spearman", reward.spearman);
        rewardModel.put("shortcut_accuracy", reward.shortcut);
        rewardModel.put("ece", reward.figures.calibrationError());
        rewardModel.put("n", reward.figures.pairs());
        Map<String, Object> trueReward = new LinkedHashMap<>();
        Map<String, Object> kl = new LinkedHashMap<>();
        trueReward.put("sft", sft.meanScore().value());
        trueReward.put("sft_deviation", sft.scoreDeviation());
        policies.forEach((method, result) -> {
            String key = method.toLowerCase(Locale.ROOT);
            trueReward.put(key, result.comparison().b().meanScore().value());
            kl.put(key, result.comparison().kl().value());
        });
        trueReward.put("best_of_4_word_counts", baselines.byWordCounts.score().value());
        trueReward.put("best_of_4_reward_model", baselines.byRewardModel.score().value());
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("reward_model", rewardModel);
        values.put("true_reward", trueReward);
        values.put("kl", kl);
        values.put("seconds", seconds);
        return values;
    }

    private String timings() {
        double total =
                seconds.values().stream().mapToDouble(Double::doubleValue).sum();
        List<String> parts = new ArrayList<>();
        seconds.forEach((name, time) -> parts.add(String.format(Locale.ROOT, "%s %.1f", name, time)));
        return String.format(Locale.ROOT, "%.1f (%s)", total, String.join(", ", parts));
    }
}
