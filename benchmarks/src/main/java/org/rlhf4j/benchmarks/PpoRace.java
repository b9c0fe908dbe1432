package org.rlhf4j.benchmarks;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.core.train.OptimizerConfig;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.ppo.PpoConfig;
import org.rlhf4j.ppo.text.Critic;
import org.rlhf4j.ppo.text.CriticConfig;
import org.rlhf4j.ppo.text.GuardConfig;
import org.rlhf4j.ppo.text.KlConfig;
import org.rlhf4j.ppo.text.PpoTextConfig;
import org.rlhf4j.ppo.text.PpoTextListener;
import org.rlhf4j.ppo.text.PpoTextTrainer;
import org.rlhf4j.ppo.text.RewardSource;
import org.rlhf4j.ppo.text.Rewards;
import org.rlhf4j.ppo.text.ScoreConfig;
import org.rlhf4j.reward.RewardModel;

/**
 * Iterations of PPO on text: answers to all prompts, their scores, log-probabilities and values, and four epochs of one
 * mini-batch of all rows. The tokenizer has no EOS, so every completion has the full length.
 */
final class PpoRace implements Race {
    private final LanguageModel reference;
    private final RewardModel reward;
    private final Critic critic;
    private final SteppedTraining training;
    private double tokens;
    private boolean started;

    /**
     * A race.
     *
     * @param policy is trained
     * @param directory of the policy; {@code scorer} in it is what critic and reward model start from
     * @param rows prompts of an iteration
     * @param tokens of each completion
     */
    PpoRace(LanguageModel policy, Path directory, int rows, int tokens) {
        Path scorer = directory.resolve("scorer");
        this.reference = LanguageModel.open(directory);
        this.reward = RewardModel.open(scorer);
        this.critic = Critic.open(scorer, policy);
        Rewards rewards = new Rewards(List.of(new RewardSource("scorer", reward, 1)), ScoreConfig.DEFAULT);
        PpoTextTrainer trainer = new PpoTextTrainer(policy, reference, critic, rewards, config(rows, tokens));
        int vocabulary = policy.config().sizes().vocabulary();
        List<Content> prompts = IntStream.range(0, rows)
                .<Content>mapToObj(row -> prompt(row, vocabulary - 1))
                .toList();
        this.training =
                new SteppedTraining("ppo", hooks -> trainer.train(prompts, List.of(), hooks, PpoTextListener.NONE));
    }

    /** 32 to 64 words that are the ids. */
    private static Content prompt(int row, int vocabulary) {
        int length = 32 + 8 * (row % 5);
        return Content.of(Arrays.stream(Ids.row(row, length, vocabulary))
                .mapToObj(id -> "t" + id)
                .collect(Collectors.joining(" ")));
    }

    private static PpoTextConfig config(int rows, int tokens) {
        OptimizerConfig optimizer =
                new OptimizerConfig(3e-6, OptimizerConfig.LearningRate.CONSTANT, 0, 0, 0, 1, 0.9, 0.999, 1e-8, 0);
        PpoConfig ppo = new PpoConfig(
                1,
                0.95,
                4,
                1,
                0,
                false,
                PpoConfig.AdvantageNormalization.BATCH,
                0.2,
                false,
                0.2,
                0.1,
                0,
                null,
                optimizer);
        return new PpoTextConfig(
                1,
                rows,
                1,
                1_000_000L * rows,
                tokens,
                1,
                KlConfig.DEFAULT,
                ScoreConfig.DEFAULT,
                false,
                CriticConfig.DEFAULT,
                GuardConfig.DEFAULT,
                0,
                0,
                1,
                ppo);
    }

    /** How many tokens were generated, and in the first iteration the divergence from the reference, which is 0. */
    @Override
    public String step() {
        Map<String, Double> metrics = training.step();
        double before = tokens;
        tokens = value(metrics, "num_tokens");
        @Nullable Double kl = started ? null : Math.round(100 * value(metrics, "objective/kl")) / 100.0;
        started = true;
        return "[" + (long) (tokens - before) + ", " + kl + "]";
    }

    private static double value(Map<String, Double> metrics, String name) {
        return Objects.requireNonNull(metrics.get(name), name);
    }

    @Override
    public void close() {
        training.close();
        critic.close();
        reward.close();
        reference.close();
    }
}
