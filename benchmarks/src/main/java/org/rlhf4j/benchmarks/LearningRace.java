package org.rlhf4j.benchmarks;

import org.rlhf4j.control.Environment;
import org.rlhf4j.control.registry.Environments;
import org.rlhf4j.core.train.OptimizerConfig;
import org.rlhf4j.core.train.OptimizerConfig.LearningRate;
import org.rlhf4j.ppo.PpoConfig;
import org.rlhf4j.ppo.PpoConfig.AdvantageNormalization;
import org.rlhf4j.ppo.control.ControlConfig;
import org.rlhf4j.ppo.control.ControlEvaluation;
import org.rlhf4j.ppo.control.ControlResult;
import org.rlhf4j.ppo.control.ControlTrainer;
import org.rlhf4j.ppo.control.PolicyConfig;

/** Trainings of CartPole-v1 from scratch with a peer's settings; the number of the turn is the seed. */
final class LearningRace implements ControlRace {
    private static final String ENVIRONMENT = "CartPole-v1";
    private static final int EPISODES = 100;
    private static final long EVALUATION_SEED = 1_000_000;

    private final String peer;
    private final long steps;

    /**
     * A race with the settings of {@code sb3}, {@code zoo} or {@code cleanrl}.
     *
     * @param steps of one training
     */
    LearningRace(String peer, long steps) {
        this.peer = peer;
        this.steps = steps;
    }

    @Override
    public Turn turn(int number) {
        ControlTrainer<Integer> trainer =
                new ControlTrainer<>(config(number), () -> Environments.make(ENVIRONMENT, Integer.class));
        ControlResult<Integer> result = trainer.train();
        return new Turn(result.steps(), () -> evaluate(result));
    }

    private static double evaluate(ControlResult<Integer> result) {
        try (Environment<Integer> environment = Environments.make(ENVIRONMENT, Integer.class)) {
            return ControlEvaluation.deterministic(result.policy(), environment, EPISODES, EVALUATION_SEED)
                    .mean();
        }
    }

    private ControlConfig config(long seed) {
        return switch (peer) {
            case "sb3" ->
                config(seed, 1, 2048, ControlConfig.defaults(ENVIRONMENT).ppo());
            case "zoo" -> config(seed, 8, 32, zoo());
            case "cleanrl" -> config(seed, 4, 128, cleanrl());
            default -> throw new IllegalArgumentException("there are no settings of \"" + peer + "\"");
        };
    }

    /** Of rl-baselines3-zoo's hyperparams/ppo.yml; a value coefficient of 0.5 of the whole squared error. */
    private static PpoConfig zoo() {
        return new PpoConfig(
                0.98,
                0.8,
                20,
                1,
                0,
                false,
                AdvantageNormalization.MINIBATCH,
                0.2,
                true,
                null,
                1,
                0,
                null,
                falling(1e-3));
    }

    /** Of CleanRL's ppo.py. */
    private static PpoConfig cleanrl() {
        return new PpoConfig(
                0.99,
                0.95,
                4,
                4,
                0,
                false,
                AdvantageNormalization.MINIBATCH,
                0.2,
                false,
                0.2,
                0.5,
                0.01,
                null,
                falling(2.5e-4));
    }

    private static OptimizerConfig falling(double rate) {
        return new OptimizerConfig(rate, LearningRate.LINEAR, 0, 0, 0, 0.5, 0.9, 0.999, 1e-5, 0);
    }

    private ControlConfig config(long seed, int numEnvs, int numSteps, PpoConfig ppo) {
        // CleanRL leaves a last rollout out that would go beyond the total; Stable-Baselines3 and we finish it.
        int rollout = numEnvs * numSteps;
        long total = peer.equals("cleanrl") ? steps / rollout * rollout : steps;
        return new ControlConfig(ENVIRONMENT, seed, total, numEnvs, numSteps, false, false, PolicyConfig.DEFAULT, ppo);
    }
}
