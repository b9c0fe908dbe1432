package org.rlhf4j.ppo.text;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.checkpoint.StateWriter;
import org.rlhf4j.core.optim.BadStep;
import org.rlhf4j.core.optim.NonFiniteException;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.train.Progress;
import org.rlhf4j.core.train.RunHooks;
import org.rlhf4j.lm.generate.GeneratedCompletion;
import org.rlhf4j.ppo.Experience;
import org.rlhf4j.ppo.Gae;
import org.rlhf4j.ppo.KlEstimator;
import org.rlhf4j.ppo.PpoLearner;
import org.rlhf4j.ppo.PpoLoss;
import org.rlhf4j.ppo.PpoUpdate;
import org.rlhf4j.ppo.RolloutLoop;

/** One run of a {@link PpoTextTrainer}: its counters, the guard, and the weights to go back to. */
final class PpoTextRun implements RolloutLoop.Iterations, AutoCloseable {
    /** Largest deviation of the first ratio from 1, and of a drawn log-probability from the forward pass: rounding is below. */
    private static final double SAME_POLICY = 1e-2;

    private final PpoTextTrainer trainer;
    private final PpoTextConfig config;
    private final PromptOrder prompts;
    private final List<Content> heldOut;
    private final RunHooks hooks;
    private final PpoTextListener listener;
    private final KlController controller;
    private final RewardGuard guard;
    private final TextActorCritic actorCritic;
    private final @Nullable Parameters good;
    private final long rollouts;
    private final PpoLearner<TextActorCritic.Completions> learner;
    private long steps;
    private long goodStep;
    private long tokens;
    private int limitsPassed;
    private @Nullable String stopped;
    private Map<String, Double> metrics = Map.of();

    PpoTextRun(
            PpoTextTrainer trainer,
            List<Content> prompts,
            List<Content> heldOut,
            RunHooks hooks,
            PpoTextListener listener) {
        this.trainer = trainer;
        this.config = trainer.config();
        this.prompts = new PromptOrder(prompts, config.seed());
        this.heldOut = List.copyOf(heldOut);
        this.hooks = hooks;
        this.listener = listener;
        this.controller = new KlController(config.kl());
        this.guard = new RewardGuard(config.guard());
        this.actorCritic = trainer.actorCritic();
        this.good = config.guard().patience() == 0
                ? null
                : Torch.call(() -> trainer.policy().parameters().copy());
        this.rollouts = config.rollouts(prompts.size());
        this.learner = new PpoLearner<>(actorCritic, config.ppo(), rollouts, config.seed(), hooks.health(null));
    }

    PpoTextResult train(int promptCount) {
        hooks.progress().started(promptCount, rollouts);
        boolean complete = RolloutLoop.run(rollouts, hooks, this);
        long kept = stopped == null ? steps : goodStep;
        return new PpoTextResult(steps, steps * config.rolloutSize(), tokens, metrics, !complete, stopped, kept);
    }

    @Override
    public void next() {
        Phases phases = new Phases();
        long episodes = steps * config.rolloutSize();
        List<Content> asked = prompts.next(episodes, config.rolloutSize());
        TextRollout rollout = trainer.rollout(asked, episodes, actorCritic, phases);
        requireFinite(rollout, rollout.logProbs(), "log-probabilities of the policy");
        requireFinite(rollout, rollout.referenceLogProbs(), "log-probabilities of the reference");
        requireFinite(rollout, rollout.values(), "values of the critic");
        requireScores(rollout);
        RolloutFigures figures = RolloutFigures.of(rollout);
        requireSamePolicy(
                "a token's log-probability when it was drawn and by the forward pass differ by",
                figures.samplingDeviation());
        tokens += rollout.tokens();
        tellSamples(rollout);
        boolean goesOn = judge(figures);
        Map<String, Double> values = learn(rollout, figures, goesOn, phases);
        steps++;
        values.put("guard/limits_passed", (double) limitsPassed);
        values.put("guard/stopped", goesOn ? 0.0 : 1.0);
        values.put("episode", (double) steps * config.rolloutSize());
        values.put("num_tokens", (double) tokens);
        phases.seconds().forEach((phase, seconds) -> values.put("time/" + phase, seconds));
        values.put("tokens_per_second", rollout.tokens() / phases.total());
        values.put("eps", rollout.rows() / phases.total());
        boolean last = !goesOn || steps == rollouts;
        boolean due = config.evalSteps() > 0 && steps % config.evalSteps() == 0;
        if (!heldOut.isEmpty() && (last || due)) {
            values.putAll(evaluate());
        }
        metrics = values;
    }

    @Override
    public RolloutLoop.Made made() {
        return new RolloutLoop.Made(steps, tokens, metrics, stopped != null);
    }

    @Override
    public void saveTo(StateWriter out) {
        out.put("steps", steps)
                .put("tokens", tokens)
                .put("metrics", metrics)
                .part("kl", controller)
                .part("guard", guard)
                .part("rewards", trainer.rewards())
                .part("model", learner);
        if (stopped != null) {
            out.put("stopped", stopped);
        }
        if (good != null) {
            out.put("good_step", goodStep).tensors("good", arrays(good));
        }
    }

    @Override
    public void restoreFrom(StateReader in) {
        steps = in.integer("steps");
        tokens = in.integer("tokens");
        metrics = in.figures("metrics");
        in.part("kl", controller);
        in.part("guard", guard);
        in.part("rewards", trainer.rewards());
        in.part("model", learner);
        stopped = in.has("stopped") ? in.text("stopped") : null;
        if (good != null && in.has("good_step")) {
            goodStep = in.integer("good_step");
            in.tensors("good", arrays(good));
        } else if (good != null) {
            // Nothing judged the run so far: what it has come to is what it can go back to.
            goodStep = steps;
            Torch.run(() -> good.copyFrom(trainer.policy().parameters()));
        }
    }

    private static Map<String, NDArray> arrays(Parameters weights) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        weights.names().forEach(name -> arrays.put(name, weights.get(name)));
        return arrays;
    }

    /** Whether the run goes on; where it does not, the policy is the last good one again. */
    private boolean judge(RolloutFigures figures) {
        List<String> passed = guard.look(figures.signs());
        limitsPassed = passed.size();
        passed.forEach(limit -> listener.warned(steps, limit));
        if (guard.stops() && good != null) {
            stopped = String.join("; ", passed);
            Torch.run(() -> trainer.policy().parameters().copyFrom(good));
            return false;
        }
        if (passed.isEmpty() && good != null) {
            goodStep = steps;
            Torch.run(() -> good.copyFrom(trainer.policy().parameters()));
        }
        return true;
    }

    private Map<String, Double> learn(TextRollout rollout, RolloutFigures figures, boolean goesOn, Phases phases) {
        double coef = controller.coef();
        boolean inReward = config.kl().placement() == KlConfig.Placement.REWARD;
        KlEstimator estimator = config.kl().estimator();
        float[][] rewards = rollout.rewards(inReward ? coef : 0, estimator);
        double penalty = 0;
        for (int row = 0; row < rollout.rows(); row++) {
            penalty -= coef * rollout.kl(row, estimator) / rollout.rows();
        }
        Map<String, Double> values = new LinkedHashMap<>(figures.metrics(coef, penalty));
        sourceScores(rollout, values);
        if (goesOn) {
            float[][] learned = config.whitenRewards() ? rollout.whitened(rewards) : rewards;
            requireFinite(rollout, learned, "rewards");
            PpoLoss.KlPenalty inLoss = inReward ? null : new PpoLoss.KlPenalty(estimator, coef);
            PpoUpdate update = phases.time("update", () -> {
                Experience experience = Gae.estimate(
                        rollout.padded(learned, config.ppo().gamma()),
                        config.ppo().gaeLambda());
                float[][] reference = TextRollout.widened(rollout.referenceLogProbs(), experience.width());
                return learner.update(
                        experience.withReference(reference),
                        TextActorCritic.Completions.of(rollout.examples(), name(rollout)),
                        inLoss);
            });
            requireSamePolicy("the first ratio of a rollout deviates from 1 by", update.firstRatioDeviation());
            if (steps >= config.critic().warmup()) {
                // A policy that waits for its critic does not answer to the coefficient.
                controller.observe(figures.kl(), rollout.rows());
            }
            updateFigures(update, values);
            learner.health().addTo(values);
        }
        return values;
    }

    /** What is not finite is named before anything is learned from it, or any figure is made of it. */
    private void requireFinite(TextRollout rollout, float[][] rows, String figure) {
        int[] bad = IntStream.range(0, rows.length)
                .filter(row -> IntStream.range(0, rows[row].length).anyMatch(t -> !Float.isFinite(rows[row][t])))
                .toArray();
        if (bad.length > 0) {
            NonFiniteException problem =
                    NonFiniteException.of(steps + 1, figure, bad).in(steps + 1, name(rollout));
            hooks.badSteps().bad(new BadStep(problem, learner::weights), null);
            throw problem;
        }
    }

    private IntFunction<String> name(TextRollout rollout) {
        long first = steps * config.rolloutSize();
        return row -> PpoTextTrainer.name(rollout.prompts(), first, row);
    }

    /** Where failures are left out, enough rows for the mini-batches have to stay. */
    private void requireScores(TextRollout rollout) {
        long scored = IntStream.range(0, rollout.rows()).filter(rollout::counts).count();
        if (scored < config.ppo().numMinibatches()) {
            throw new RewardException(
                    String.format(
                            Locale.ROOT,
                            "rollout %d: %d of %d completions have a score, too few for %d mini-batches: onFailure"
                                    + " worst or replace gives one to the others",
                            steps,
                            scored,
                            rollout.rows(),
                            config.ppo().numMinibatches()),
                    null);
        }
    }

    private void sourceScores(TextRollout rollout, Map<String, Double> values) {
        RawScores raw = rollout.scored().raw();
        List<RewardSource> sources = trainer.rewards().sources();
        for (int i = 0; sources.size() > 1 && i < sources.size(); i++) {
            double sum = 0;
            int count = 0;
            for (double score : raw.bySource()[i]) {
                sum += Double.isNaN(score) ? 0 : score;
                count += Double.isNaN(score) ? 0 : 1;
            }
            if (count > 0) {
                values.put("scores/" + sources.get(i).name(), sum / count);
            }
        }
        values.put("objective/failed_scores", (double) raw.failedRows());
        raw.failures().forEach((kind, count) -> {
            if (count > 0) {
                values.put("failures/" + kind.name().toLowerCase(Locale.ROOT), (double) count);
            }
        });
    }

    private static void updateFigures(PpoUpdate update, Map<String, Double> values) {
        values.put("policy/approxkl_avg", update.ratios().kl2());
        values.put("policy/clipfrac_avg", update.clippedFraction());
        values.put("loss/policy_avg", update.policyLoss());
        values.put("loss/value_avg", update.valueLoss());
        values.put("loss/kl_avg", update.klPenalty());
        values.put("val/clipfrac_avg", update.valueClippedFraction());
        values.put("policy/entropy_avg", update.entropy());
        values.put("val/ratio", update.ratios().ratio());
        values.put("val/ratio_var", update.ratios().variance());
        values.put("val/first_ratio_deviation", update.firstRatioDeviation());
        if (update.ratios().overflows() > 0) {
            values.put("val/ratio_overflows", update.ratios().overflows());
        }
        if (!Double.isNaN(update.explainedVariance())) {
            values.put("val/explained_variance", update.explainedVariance());
        }
        if (update.minibatches() > 0) {
            values.put("policy/grad_norm", update.networkNorms().get(0));
            values.put("value/grad_norm", update.networkNorms().get(1));
        }
        values.put("policy/minibatches", (double) update.minibatches());
        values.put("lr", update.learningRate());
    }

    private Map<String, Double> evaluate() {
        hooks.progress().evaluating(steps);
        Map<String, Double> values = trainer.evaluate(heldOut);
        hooks.progress().evaluated(new Progress.StepMetrics(steps, values), false);
        return values;
    }

    private void tellSamples(TextRollout rollout) {
        if (config.sampleSteps() == 0 || steps % config.sampleSteps() != 0) {
            return;
        }
        List<PpoTextListener.Sample> samples = new ArrayList<>();
        for (int row = 0; row < Math.min(config.samples(), rollout.rows()); row++) {
            GeneratedCompletion completion = rollout.completions().get(row);
            samples.add(new PpoTextListener.Sample(
                    rollout.prompts().get(row),
                    completion.text(),
                    rollout.scored().raw().total()[row],
                    rollout.kl(row, KlEstimator.K1),
                    completion.ids().length,
                    completion.finish()));
        }
        listener.samples(steps, samples);
    }

    private static void requireSamePolicy(String what, double deviation) {
        if (!(deviation <= SAME_POLICY)) {
            throw new IllegalStateException(String.format(
                    Locale.ROOT, "%s %.2g: sampling and learning do not compute the same policy", what, deviation));
        }
    }

    @Override
    public void close() {
        learner.close();
        if (good != null) {
            good.close();
        }
    }
}
