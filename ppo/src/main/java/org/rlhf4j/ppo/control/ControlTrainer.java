package org.rlhf4j.ppo.control;

import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.registry.Environments;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.vector.VectorEnvironment;
import org.rlhf4j.control.wrap.EpisodeHistory;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.checkpoint.StateWriter;
import org.rlhf4j.core.optim.BadStep;
import org.rlhf4j.core.optim.NonFiniteException;
import org.rlhf4j.core.optim.StepHealth;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.train.RunHooks;
import org.rlhf4j.ppo.Experience;
import org.rlhf4j.ppo.Gae;
import org.rlhf4j.ppo.PpoLearner;
import org.rlhf4j.ppo.PpoUpdate;
import org.rlhf4j.ppo.RolloutLoop;

/**
 * Trains a policy in an environment by proximal policy optimisation: acting by {@code RolloutCollector}, learning by
 * {@link PpoLearner}.
 *
 * @param <A> an action of the environment
 */
public final class ControlTrainer<A> {
    private final ControlConfig config;
    private final Supplier<Environment<A>> maker;

    /**
     * A trainer.
     *
     * @param config every setting
     * @param maker makes a new environment with each call, with its time limit
     */
    public ControlTrainer(ControlConfig config, Supplier<Environment<A>> maker) {
        this.config = config;
        this.maker = maker;
    }

    /**
     * A trainer in the environment whose id the settings name.
     *
     * @param loader finds environments
     * @throws IllegalArgumentException if there is no such environment, or the policy's exploration does not fit its actions
     */
    public static ControlTrainer<?> of(ControlConfig config, ClassLoader loader) {
        try (Environment<?> first = Environments.make(config.env(), loader)) {
            return like(first, config, loader);
        }
    }

    private static <A> ControlTrainer<A> like(Environment<A> first, ControlConfig config, ClassLoader loader) {
        // Refused before anything is begun for the run.
        ActionHead.of(first.actionSpace(), config.policy());
        @SuppressWarnings("unchecked") // the same id gives the same class
        Supplier<Environment<A>> maker = () -> (Environment<A>) Environments.make(config.env(), loader);
        return new ControlTrainer<>(config, maker);
    }

    /** At most how many numbers the saved policy has: those of both networks and of the largest noise. */
    public long weights() {
        try (Environment<A> environment = maker.get()) {
            int outputs =
                    ActionHead.of(environment.actionSpace(), config.policy()).outputs();
            Box seen = environment.observationSpace();
            return MlpLayout.of("actor", seen, config.policy(), outputs).weights()
                    + MlpLayout.of("critic", seen, config.policy(), 1).weights()
                    + (long) config.policy().latentSize() * outputs;
        }
    }

    /** {@link #train(RunHooks)} that nobody watches. */
    public ControlResult<A> train() {
        return train(RunHooks.NONE);
    }

    /**
     * Trains, from where a checkpoint was left if there is one. An interrupt of the running thread stops like a
     * {@linkplain RunHooks#stop condition to stop}, and is cleared.
     *
     * @param hooks who watches; metrics come after each rollout, under CleanRL's names
     * @throws org.rlhf4j.base.DataFormatException if the checkpoint is not one of such a run
     * @throws org.rlhf4j.core.optim.NonFiniteException if loss or gradient are not finite
     */
    public ControlResult<A> train(RunHooks hooks) {
        SeededStream stream = SeededStream.of(config.seed(), "weights");
        try (TrainingEnvironments<A> environments = new TrainingEnvironments<>(config, maker);
                ControlActorCritic<A> actorCritic = actorCritic(environments.outermost(), stream);
                PpoLearner<ControlActorCritic.Samples> learner = new PpoLearner<>(
                        actorCritic, config.ppo(), config.rollouts(), config.seed(), health(hooks.health(null)))) {
            Run run = new Run(hooks, environments, actorCritic, learner);
            boolean complete = RolloutLoop.run(config.rollouts() * config.rolloutSteps(), hooks, run);
            ControlPolicy<A> policy = new ControlPolicy<>(
                    config.env(),
                    environments.plainObservations(),
                    environments.plainActions(),
                    config.policy(),
                    environments.observationStatistics(),
                    Weights.of(actorCritic.parameters()));
            return new ControlResult<>(policy, run.steps, environments.history().count(), run.metrics, !complete);
        }
    }

    private ControlActorCritic<A> actorCritic(VectorEnvironment<A> environments, SeededStream stream) {
        return new ControlActorCritic<>(
                environments.observationSpace(), environments.actionSpace(), config.policy(), stream);
    }

    /** The learner counts rollouts, the run steps of the environments. */
    private StepHealth.Listener health(StepHealth.Listener listener) {
        return new StepHealth.Listener() {
            @Override
            public void warned(long update, String text) {
                listener.warned(update * config.rolloutSteps(), text);
            }

            @Override
            public void bad(BadStep step) {
                listener.bad(new BadStep(counted(step.problem()), step.diagnosis()));
            }
        };
    }

    private NonFiniteException counted(NonFiniteException problem) {
        return problem.in(problem.step() * config.rolloutSteps(), "the weights are those of the mini-batch before");
    }

    /** One run: its counters, and all that a checkpoint holds. */
    private final class Run implements RolloutLoop.Iterations {
        private final RunHooks hooks;
        private final TrainingEnvironments<A> environments;
        private final RolloutCollector<A> collector;
        private final ControlActorCritic<A> actorCritic;
        private final PpoLearner<ControlActorCritic.Samples> learner;
        private long steps;
        private Map<String, Double> metrics = Map.of();
        private boolean toldThatEpisodesAreLost;

        Run(
                RunHooks hooks,
                TrainingEnvironments<A> environments,
                ControlActorCritic<A> actorCritic,
                PpoLearner<ControlActorCritic.Samples> learner) {
            this.hooks = hooks;
            this.environments = environments;
            this.collector = new RolloutCollector<>(environments.outermost(), actorCritic, config);
            this.actorCritic = actorCritic;
            this.learner = learner;
        }

        @Override
        public void next() {
            PpoUpdate update;
            try {
                update = rolloutAndUpdate();
            } catch (NonFiniteException e) {
                throw counted(e);
            }
            steps += config.rolloutSteps();
            metrics = figures(update, environments.history());
        }

        @Override
        public RolloutLoop.Made made() {
            return new RolloutLoop.Made(steps, steps, metrics, false);
        }

        @Override
        public void saveTo(StateWriter out) {
            out.put("steps", steps)
                    .put("metrics", metrics)
                    .part("model", learner)
                    .part("collector", collector);
            boolean whole = environments.saveTo(out.within("environments"));
            if (!whole && !toldThatEpisodesAreLost) {
                toldThatEpisodesAreLost = true;
                hooks.progress()
                        .warned(
                                steps,
                                config.env()
                                        + " does not say how it is saved: a run that is resumed begins its episodes anew"
                                        + " and differs from one that is not interrupted");
            }
        }

        @Override
        public void restoreFrom(StateReader in) {
            steps = in.integer("steps");
            metrics = in.figures("metrics");
            in.part("model", learner);
            in.part("collector", collector);
            if (!environments.restoreFrom(in.within("environments"))) {
                collector.beginAnew();
                hooks.progress()
                        .warned(
                                steps,
                                config.env()
                                        + " was not saved: its episodes begin anew, so the result differs from that of a run"
                                        + " that is not interrupted");
            }
        }

        private PpoUpdate rolloutAndUpdate() {
            RolloutCollector.Collected collected = collector.collect(Weights.of(actorCritic.parameters()));
            Experience experience =
                    Gae.estimate(collected.rollout(), config.ppo().gaeLambda()).flattened();
            // Networks of this size are computed faster by one thread than by several that wait for each other.
            return Torch.call(() -> Torch.withThreads(
                    1,
                    () -> Scope.call(() -> {
                        int n = experience.rows();
                        float[] seen = collected.observations();
                        float[] done = collected.actions();
                        return learner.update(
                                experience,
                                new ControlActorCritic.Samples(
                                        HostCopy.create(Torch.manager(), new Shape(n, seen.length / n), seen),
                                        HostCopy.create(Torch.manager(), new Shape(n, done.length / n), done)));
                    })));
        }

        private Map<String, Double> figures(PpoUpdate update, EpisodeHistory history) {
            Map<String, Double> values = new LinkedHashMap<>();
            if (history.count() > 0) {
                values.put("charts/episodic_return", history.meanReturn());
                values.put("charts/episodic_length", history.meanLength());
            }
            values.put("charts/episodes", (double) history.count());
            values.put("charts/learning_rate", update.learningRate());
            values.put("charts/clip_range", update.clipRange());
            values.put("losses/policy_loss", update.policyLoss());
            values.put("losses/value_loss", update.valueLoss());
            values.put("losses/entropy", update.entropy());
            values.put("losses/old_approx_kl", update.ratios().kl1());
            values.put("losses/approx_kl", update.ratios().kl3());
            values.put("losses/clipfrac", update.ratios().outside());
            values.put("losses/first_ratio_deviation", update.firstRatioDeviation());
            values.put("losses/minibatches", (double) update.minibatches());
            if (update.minibatches() > 0) {
                values.put("losses/grad_norm", update.gradNorm());
            }
            if (!Double.isNaN(update.explainedVariance())) {
                values.put("losses/explained_variance", update.explainedVariance());
            }
            if (update.ratios().overflows() > 0) {
                values.put("losses/ratio_overflows", update.ratios().overflows());
            }
            learner.health().addTo(values);
            return values;
        }
    }
}
