package org.rlhf4j.ppo.control;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.control.Environment;
import org.rlhf4j.core.config.Require;

/**
 * Returns of whole episodes, one seed each.
 *
 * @param returns sum of the rewards of each episode, undiscounted
 * @param lengths steps of each
 */
public record ControlEvaluation(List<Double> returns, List<Integer> lengths) {
    /** Copies. */
    public ControlEvaluation {
        returns = List.copyOf(returns);
        lengths = List.copyOf(lengths);
    }

    /**
     * Plays episodes with the most likely action at each step. Without a time limit an episode may never end.
     *
     * @param episodes how many, at least 1
     * @param firstSeed episode i starts from seed {@code firstSeed + i}
     */
    public static <A> ControlEvaluation deterministic(
            ControlPolicy<A> policy, Environment<A> environment, int episodes, long firstSeed) {
        return play(environment, episodes, firstSeed, (observation, stream) -> policy.act(observation));
    }

    /** As {@link #deterministic}, with actions drawn from the policy; the draws depend on the episode's seed alone. */
    public static <A> ControlEvaluation stochastic(
            ControlPolicy<A> policy, Environment<A> environment, int episodes, long firstSeed) {
        return play(environment, episodes, firstSeed, policy::sample);
    }

    private static <A> ControlEvaluation play(
            Environment<A> environment, int episodes, long firstSeed, BiFunction<float[], SeededStream, A> act) {
        Require.atLeast("episodes", episodes, 1);
        List<Double> returns = new ArrayList<>();
        List<Integer> lengths = new ArrayList<>();
        for (int episode = 0; episode < episodes; episode++) {
            long seed = firstSeed + episode;
            SeededStream stream = SeededStream.of(seed, "evaluation");
            float[] observation = environment.reset(seed).observation();
            double total = 0;
            int length = 0;
            Environment.Step step;
            do {
                step = environment.step(act.apply(observation, stream.child(length)));
                observation = step.observation();
                total += step.reward();
                length++;
            } while (!step.done());
            returns.add(total);
            lengths.add(length);
        }
        return new ControlEvaluation(returns, lengths);
    }

    /** Mean return. */
    public double mean() {
        return returns.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    /** Standard deviation of the returns, over n as in the published figures. */
    public double std() {
        double mean = mean();
        return Math.sqrt(returns.stream()
                .mapToDouble(value -> (value - mean) * (value - mean))
                .average()
                .orElseThrow());
    }

    /** The smallest return. */
    public double min() {
        return returns.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    }

    /** The largest return. */
    public double max() {
        return returns.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    /** Mean number of steps. */
    public double meanLength() {
        return lengths.stream().mapToInt(Integer::intValue).average().orElseThrow();
    }
}
