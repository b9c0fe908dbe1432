package org.rlhf4j.cli.ppo;

import java.util.List;
import org.rlhf4j.base.Content;
import org.rlhf4j.cli.train.MemoryCheck;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.MemoryEstimate;
import org.rlhf4j.lm.MemoryEstimate.Pass;
import org.rlhf4j.lm.ModelConfig;
import org.rlhf4j.ppo.PpoConfig;
import org.rlhf4j.ppo.text.Critic;
import org.rlhf4j.ppo.text.PpoTextConfig;
import org.rlhf4j.ppo.text.RewardSource;
import org.rlhf4j.reward.RewardModel;

/**
 * What PPO on text takes: four models where critic and reward are networks, and the largest of generation, a pass over the
 * rollout without gradients, and the passes of learning, which come one after the other.
 *
 * @param policy is trained
 * @param reference like the policy
 * @param critic is trained
 * @param rewards of which the reward models count
 * @param config of the run
 */
record PpoMemory(
        LanguageModel policy,
        LanguageModel reference,
        Critic critic,
        List<RewardSource> rewards,
        PpoTextConfig config) {
    /** Padded tokens of one forward pass over a rollout. */
    private static final long TOKENS_READ = 8192;

    /**
     * The check of a run.
     *
     * @param prompts what is completed
     */
    MemoryCheck of(List<Content> prompts) {
        int prompt = prompts.stream()
                .mapToInt(
                        each -> policy.encodePrompt(each, config.maxNewTokens()).length())
                .max()
                .orElse(1);
        int longest = Math.min(
                prompt + config.maxNewTokens(), policy.encoder().policy().maxLength());
        PpoConfig ppo = config.ppo();
        int minibatch = (config.rolloutSize() + ppo.numMinibatches() - 1) / ppo.numMinibatches();
        int rows = ppo.microBatchSize() == 0 ? minibatch : Math.min(minibatch, ppo.microBatchSize());
        return new MemoryCheck(rows, longest, ppo.gradientCheckpointing(), this::need);
    }

    private MemoryEstimate need(int rows, int longest, boolean checkpointing) {
        ModelConfig.Sizes sizes = policy.config().sizes();
        int prompt = Math.max(1, longest - config.maxNewTokens());
        long tokens = Math.min(TOKENS_READ, (long) config.rolloutSize() * longest);
        MemoryEstimate estimate = models().passing(
                        Pass.ofTokens(sizes, rows, longest).training(checkpointing))
                .passing(new Pass(sizes, tokens, longest, tokens, Float.BYTES).reading())
                .passing(MemoryEstimate.generating(
                        sizes,
                        frozen() + policy.parameters().bytes(),
                        config.rolloutSize(),
                        prompt,
                        config.maxNewTokens()));
        if (critic instanceof Critic.OwnNetwork own) {
            ModelConfig.Sizes its = own.decoder().config().sizes();
            return estimate.passing(Pass.ofScores(its, rows, longest).training(checkpointing));
        }
        return estimate;
    }

    private long frozen() {
        return MemoryEstimate.frozenBytes(policy.decoder(), policy.parameters());
    }

    private MemoryEstimate models() {
        MemoryEstimate estimate = MemoryEstimate.NOTHING
                .plusWeights(frozen() > 0 ? frozen() : reference.parameters().bytes())
                .plusWeights(config.guard().patience() > 0 ? policy.parameters().bytes() : 0);
        for (Parameters trained : List.of(policy.parameters(), critic.parameters())) {
            estimate = estimate.plusWeights(trained.bytes()).plusTraining(trained.count());
        }
        for (RewardSource source : rewards) {
            if (source.scorer() instanceof RewardModel model) {
                estimate = estimate.plusWeights(model.parameters().bytes());
            }
        }
        return estimate;
    }
}
