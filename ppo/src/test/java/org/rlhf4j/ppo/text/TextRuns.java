package org.rlhf4j.ppo.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.CompletionScorer;
import org.rlhf4j.base.Content;
import org.rlhf4j.core.checkpoint.CheckpointHook;
import org.rlhf4j.core.train.OptimizerConfig;
import org.rlhf4j.core.train.RunHooks;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.lora.LoraConfig;
import org.rlhf4j.ppo.KlEstimator;
import org.rlhf4j.ppo.PpoConfig;

/** Short runs of a tiny model, whose settings are changed one at a time. */
final class TextRuns {
    /** The share of the letter a in a completion. */
    static final CompletionScorer LIKES_A = (prompt, completion) -> completion.isEmpty()
            ? 0
            : (double) completion.replaceAll("[^a]", "").length() / completion.length();

    static final int ROLLOUT = 16;

    private final Path folder;
    Path policy;
    Path reference;
    long seed = 5;
    long rollouts = 3;
    double temperature = 1;
    KlConfig kl = kl(KlConfig.Placement.REWARD, KlEstimator.K1, 0.01, null);
    ScoreConfig score = ScoreConfig.DEFAULT;
    boolean whiten = false;
    CriticConfig critic = CriticConfig.DEFAULT;
    GuardConfig guard = GuardConfig.OFF;
    int evalSteps = 1;
    int sampleSteps = 0;
    int microBatch = 0;
    double learningRate = 1e-2;
    List<Content> prompts = TinyText.PROMPTS;
    List<Content> heldOut = List.of();
    CompletionScorer scorer = LIKES_A;
    double weight = 1;

    @Nullable
    LoraConfig lora = null;

    BooleanSupplier stop = () -> false;
    CheckpointHook checkpoints = CheckpointHook.NONE;
    PpoTextListener alsoHears = PpoTextListener.NONE;

    TextRuns(Path folder) {
        this.folder = folder;
        this.policy = TinyText.languageModel(folder, 1);
        this.reference = policy;
    }

    static KlConfig kl(KlConfig.Placement placement, KlEstimator estimator, double coef, @Nullable Double target) {
        return new KlConfig(placement, estimator, coef, target, 100);
    }

    /** Weights are equal to the byte. */
    static void assertSameBytes(Map<String, float[]> actual, Map<String, float[]> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        actual.forEach((name, values) -> assertThat(values).as(name).isEqualTo(expected.get(name)));
    }

    PpoTextConfig config() {
        return new PpoTextConfig(
                seed,
                ROLLOUT,
                1,
                rollouts * ROLLOUT,
                6,
                temperature,
                kl,
                score,
                whiten,
                critic,
                guard,
                evalSteps,
                sampleSteps,
                3,
                new PpoConfig(
                        1,
                        0.95,
                        2,
                        2,
                        microBatch,
                        false,
                        PpoConfig.AdvantageNormalization.BATCH,
                        0.2,
                        false,
                        0.2,
                        0.1,
                        0,
                        null,
                        new OptimizerConfig(
                                learningRate, OptimizerConfig.LearningRate.CONSTANT, 0, 0, 0, 1, 0.9, 0.999, 1e-8, 0)));
    }

    /**
     * What a run left.
     *
     * @param start the policy's weights before
     * @param policy the policy's weights after each rollout
     * @param critic the critic's likewise
     * @param end the policy's weights when all was over
     * @param metrics of each rollout, without those of the clock
     */
    record Trained(
            Map<String, float[]> start,
            List<Map<String, float[]>> policy,
            List<Map<String, float[]>> critic,
            Map<String, float[]> end,
            List<Map<String, Double>> metrics,
            PpoTextResult result,
            List<String> warnings,
            List<List<PpoTextListener.Sample>> samples) {
        double first(String name) {
            return metrics.get(0).getOrDefault(name, Double.NaN);
        }

        double last(String name) {
            return metrics.get(metrics.size() - 1).getOrDefault(name, Double.NaN);
        }

        double[] all(String name) {
            return metrics.stream()
                    .mapToDouble(values -> values.getOrDefault(name, Double.NaN))
                    .toArray();
        }
    }

    Trained train() {
        LanguageModel plain = LanguageModel.open(policy);
        try (LanguageModel model = lora == null ? plain : plain.withAdapter(lora, seed)) {
            return train(model);
        }
    }

    private Critic critic(LanguageModel model) {
        return switch (critic.start()) {
            case HEAD -> Critic.onPolicy(model);
            case REWARD -> Critic.open(TinyText.rewardModel(folder, 2), model);
            case POLICY -> lora == null ? Critic.open(policy, model) : Critic.besideAdapter(model, seed);
        };
    }

    Trained train(LanguageModel model) {
        try (LanguageModel start = lora == null ? LanguageModel.open(reference) : model.frozen();
                Critic estimator = critic(model)) {
            Rewards rewards = new Rewards(List.of(new RewardSource("a", scorer, weight)), score);
            PpoTextTrainer trainer = new PpoTextTrainer(model, start, estimator, rewards, config());
            Listener listener = new Listener(alsoHears);
            Map<String, float[]> before = TinyText.copy(model.parameters());
            List<Map<String, float[]>> policies = new ArrayList<>();
            List<Map<String, float[]>> critics = new ArrayList<>();
            List<Map<String, Double>> metrics = new ArrayList<>();
            RunHooks hooks = RunHooks.NONE
                    .stopWhen(stop)
                    .checkpoints(checkpoints)
                    .metrics(logged -> {
                        policies.add(TinyText.copy(model.parameters()));
                        critics.add(TinyText.copy(estimator.parameters()));
                        metrics.add(withoutTheClock(logged.values()));
                    });
            PpoTextResult result = trainer.train(prompts, heldOut, hooks, listener);
            return new Trained(
                    before,
                    policies,
                    critics,
                    TinyText.copy(model.parameters()),
                    metrics,
                    result,
                    listener.warnings,
                    listener.samples);
        }
    }

    /** Figures that are the same in every run. */
    static Map<String, Double> withoutTheClock(Map<String, Double> values) {
        Map<String, Double> kept = new TreeMap<>(values);
        kept.keySet()
                .removeIf(name -> name.startsWith("time/") || name.equals("tokens_per_second") || name.equals("eps"));
        return kept;
    }

    private static final class Listener implements PpoTextListener {
        private final List<String> warnings = new ArrayList<>();
        private final List<List<Sample>> samples = new ArrayList<>();
        private final PpoTextListener other;

        Listener(PpoTextListener other) {
            this.other = other;
        }

        @Override
        public void samples(long step, List<Sample> some) {
            other.samples(step, some);
            samples.add(some);
        }

        @Override
        public void warned(long step, String warning) {
            warnings.add(step + ": " + warning);
        }
    }
}
