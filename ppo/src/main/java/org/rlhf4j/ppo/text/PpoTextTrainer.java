package org.rlhf4j.ppo.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Json;
import org.rlhf4j.core.train.RunHooks;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.generate.GeneratedCompletion;
import org.rlhf4j.lm.generate.GenerationConfig;
import org.rlhf4j.lm.generate.GenerationListener;
import org.rlhf4j.lm.generate.Sampling;
import org.rlhf4j.lm.text.EncodedExample;

/**
 * Trains a language model by PPO against rewards, with a KL penalty to a frozen reference: Ziegler et al. 2019
 * (arXiv:1909.08593), Stiennon et al. 2020 (arXiv:2009.01325), and, in its details, Huang et al. 2024, "The N+
 * Implementation Details of RLHF with PPO" (arXiv:2403.17031).
 *
 * <p>Completions are drawn from the policy's own distribution at the temperature of the settings, without filters, and their
 * log-probabilities come from the forward pass that learning uses, so the first ratio of every rollout is 1.
 */
public final class PpoTextTrainer {
    /** Rows of held-out samples count from here, so that they share no random number with those of training. */
    private static final long HELD_OUT_ROWS = 1L << 40;

    private static final int PROMPT_SHOWN = 80;

    private final LanguageModel policy;
    private final LanguageModel reference;
    private final Critic critic;
    private final Rewards rewards;
    private final PpoTextConfig config;

    /**
     * A trainer. All that it is given stays the caller's to close.
     *
     * @param policy is trained in place, all its weights
     * @param reference what the policy is held to, most often the same model opened a second time
     * @param critic is trained along
     * @param rewards what is to be earned
     * @param config every setting
     * @throws IllegalArgumentException if the reference is the policy itself, which would change with it, or reads other
     *     tokens
     */
    public PpoTextTrainer(
            LanguageModel policy, LanguageModel reference, Critic critic, Rewards rewards, PpoTextConfig config) {
        if (policy == reference) {
            throw new IllegalArgumentException(
                    "the policy is its own reference and would change it: open the model twice, or give"
                            + " policy.frozen() where it has an adapter");
        }
        if (policy.adapter().filter(lora -> lora.dropout() > 0).isPresent()) {
            throw new IllegalArgumentException(
                    "the adapter of the policy has dropout, so that learning would not see the policy that wrote the"
                            + " completions: PPO needs dropout 0");
        }
        if (!policy.tokenizer().sha256().equals(reference.tokenizer().sha256())) {
            throw new IllegalArgumentException("the reference has another tokenizer than the policy");
        }
        this.policy = policy;
        this.reference = reference;
        this.critic = critic;
        this.rewards = rewards;
        this.config = config;
    }

    /** {@link #train(List, List, RunHooks, PpoTextListener)} that nobody watches. */
    public PpoTextResult train(List<Content> prompts, List<Content> heldOut) {
        return train(prompts, heldOut, RunHooks.NONE, PpoTextListener.NONE);
    }

    /**
     * Trains, from where a checkpoint was left if there is one: policy, critic and rewards then take its state over, so they
     * are to be what the run began with.
     *
     * @param prompts that are answered and learned from, at least one
     * @param heldOut prompts that are answered only; may be empty
     * @param hooks who watches; metrics come after each rollout, under TRL's names where it has them
     * @param listener hears of samples and warnings
     * @return the figures; the policy holds the trained weights, or where the guard stopped the run those of the last
     *     rollout that passed no limit
     * @throws RewardException if a reward fails and the settings do not say what then
     * @throws org.rlhf4j.core.optim.NonFiniteException if loss or gradient are not finite, before the update
     * @throws IllegalStateException if sampling and learning do not compute the same policy
     * @throws org.rlhf4j.base.DataFormatException if the checkpoint is not one of such a run
     */
    public PpoTextResult train(List<Content> prompts, List<Content> heldOut, RunHooks hooks, PpoTextListener listener) {
        requireRunnable(prompts, heldOut);
        try (PpoTextRun run = new PpoTextRun(this, prompts, heldOut, hooks, listener)) {
            return run.train(prompts.size());
        }
    }

    /**
     * Refuses what {@link #train(List, List, RunHooks, PpoTextListener)} would refuse, before anything is begun for the run.
     *
     * @throws IllegalArgumentException if there are no prompts, or all rollouts belong to the critic's warm-up
     * @throws RewardException if there are conversations, and a reward takes plain text alone
     */
    public void requireRunnable(List<Content> prompts, List<Content> heldOut) {
        if (prompts.isEmpty()) {
            throw new IllegalArgumentException("there are no prompts");
        }
        long rollouts = config.rollouts(prompts.size());
        if (rollouts <= config.critic().warmup()) {
            throw new IllegalArgumentException(
                    "critic.warmup is " + config.critic().warmup() + " and the run has " + rollouts
                            + " rollouts: the policy would learn nothing");
        }
        rewards.requireScores(prompts, row -> "the prompt " + brief(prompts.get(row)));
        rewards.requireScores(heldOut, row -> "the held-out prompt " + brief(heldOut.get(row)));
    }

    LanguageModel policy() {
        return policy;
    }

    Rewards rewards() {
        return rewards;
    }

    PpoTextConfig config() {
        return config;
    }

    /** The policy with its critic, for learning. */
    TextActorCritic actorCritic() {
        Double criticRate = config.critic().learningRate();
        double rate = config.ppo().optimizer().learningRate();
        return new TextActorCritic(
                policy,
                critic,
                config.temperature(),
                criticRate == null ? 1 : criticRate / rate,
                config.critic().warmup());
    }

    /**
     * Lets the policy answer prompts, and finds out everything about the answers.
     *
     * @param episodes completions written before, which the random numbers depend on
     */
    TextRollout rollout(List<Content> asked, long episodes, TextActorCritic actorCritic, Phases phases) {
        List<GeneratedCompletion> completions = phases.time("generate", () -> answer(asked, episodes));
        Scored scored = phases.time("score", () -> {
            boolean[] finished = new boolean[completions.size()];
            for (int row = 0; row < finished.length; row++) {
                finished[row] = completions.get(row).finish().byItself();
            }
            return rewards.score(asked, texts(completions), finished, row -> name(asked, episodes, row));
        });
        return phases.time("evaluate", () -> {
            float[][] values = actorCritic.values(examples(completions));
            return seen(asked, completions, scored, values);
        });
    }

    private TextRollout seen(
            List<Content> asked, List<GeneratedCompletion> completions, Scored scored, float[][] values) {
        List<EncodedExample> examples = examples(completions);
        return new TextRollout(
                asked,
                completions,
                scored,
                policy.logProbs(examples, config.temperature()),
                reference.logProbs(examples, config.temperature()),
                values);
    }

    private static List<EncodedExample> examples(List<GeneratedCompletion> completions) {
        return completions.stream().map(GeneratedCompletion::example).toList();
    }

    /**
     * How the policy does on prompts that it does not learn from. A score that is missing is counted, whatever becomes of
     * such rows in training.
     */
    Map<String, Double> evaluate(List<Content> heldOut) {
        List<GeneratedCompletion> completions = answer(heldOut, HELD_OUT_ROWS);
        List<String> texts = texts(completions);
        double[] scores = new double[texts.size()];
        boolean[] failed = new boolean[scores.length];
        // A time limit is meant for as many rows as a rollout has.
        for (int from = 0; from < scores.length; from += config.rolloutSize()) {
            int to = Math.min(scores.length, from + config.rolloutSize());
            RawScores some =
                    rewards.evaluate(heldOut.subList(from, to), texts.subList(from, to), row -> "held-out prompt");
            System.arraycopy(some.total(), 0, scores, from, to - from);
            System.arraycopy(some.failed(), 0, failed, from, to - from);
        }
        RawScores raw = new RawScores(scores, new double[0][], failed, Map.of());
        RolloutFigures figures = RolloutFigures.of(seen(heldOut, completions, new Scored(raw, scores), new float[0][]));
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("eval_scores", figures.score());
        values.put("eval_scores_std", figures.scoreSpread());
        values.put("eval_failed_scores", (double) raw.failedRows());
        values.put("eval_kl", figures.kl());
        values.put("eval_mean_length", figures.length());
        values.put("eval_finished", figures.finished());
        return values;
    }

    private List<GeneratedCompletion> answer(List<Content> asked, long firstRow) {
        GenerationConfig generation = policy.generationDefaults()
                .config()
                .withMaxNewTokens(config.maxNewTokens())
                .withSampling(Sampling.atTemperature(config.temperature()))
                .withSeed(config.seed())
                .withFirstRow(firstRow);
        return policy.generate(asked, 1, generation, GenerationListener.NONE);
    }

    /** How a message names a completion. */
    static String name(List<Content> asked, long episodes, int row) {
        return "completion " + (episodes + row) + " to " + brief(asked.get(row));
    }

    /** A prompt on one line. */
    private static String brief(Content prompt) {
        String json = Json.write(prompt.toJson());
        return json.length() <= PROMPT_SHOWN ? json : json.substring(0, PROMPT_SHOWN) + "...";
    }

    private static List<String> texts(List<GeneratedCompletion> completions) {
        List<String> texts = new ArrayList<>(completions.size());
        completions.forEach(completion -> texts.add(completion.text()));
        return texts;
    }
}
