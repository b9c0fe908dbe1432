package org.rlhf4j.ppo.control;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.base.Storage;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Space;
import org.rlhf4j.control.vector.VectorNormalizeObservation;
import org.rlhf4j.control.wrap.RunningStatistics;

/**
 * A trained policy, in plain Java: acting needs no engine. It includes the normalisation of observations that it was trained
 * with. Used by one thread at a time.
 *
 * <pre>{@code
 * ControlPolicy<Integer> policy = ControlPolicy.open(Path.of("run/policy"), environment);
 * Integer action = policy.act(observation);
 * }</pre>
 *
 * @param <A> an action of the environment
 */
public final class ControlPolicy<A> {
    private final String env;
    private final Box observationSpace;
    private final Space<A> actionSpace;
    private final PolicyConfig config;
    private final @Nullable RunningStatistics statistics;
    private final Weights weights;
    private final ActionHead<A> head;
    private final Mlp actor;
    private final ActionHead.Acting acting;

    ControlPolicy(
            String env,
            Box observationSpace,
            Space<A> actionSpace,
            PolicyConfig config,
            RunningStatistics.@Nullable State statistics,
            Weights weights) {
        this.env = env;
        this.observationSpace = observationSpace;
        this.actionSpace = actionSpace;
        this.config = config;
        this.statistics = statistics == null ? null : new RunningStatistics(statistics);
        this.weights = weights;
        this.head = ActionHead.of(actionSpace, config);
        this.actor = new Mlp(MlpLayout.of("actor", observationSpace, config, head.outputs()), weights);
        this.acting = head.acting(weights);
    }

    /**
     * Opens a policy for an environment.
     *
     * @param directory holds {@code policy.json} and {@code policy.safetensors}
     * @param environment with the spaces that the policy was trained with
     * @throws org.rlhf4j.base.DataFormatException if a file is missing or broken, or its spaces are not the environment's
     */
    public static <A> ControlPolicy<A> open(Path directory, Environment<A> environment) {
        return PolicyFiles.open(directory, environment);
    }

    /**
     * The id of the environment that a saved policy was trained in.
     *
     * @throws org.rlhf4j.base.DataFormatException if there is no policy or it is broken
     */
    public static String environmentOf(Path directory) {
        return PolicyFiles.environmentOf(directory);
    }

    /** Saves it as a new directory, whole or not at all. */
    public void save(Storage storage, Path directory) throws IOException {
        PolicyFiles.save(this, storage, directory);
    }

    /** The id of the environment that it was trained in. */
    public String env() {
        return env;
    }

    /**
     * The most likely action, within the bounds of the action space.
     *
     * @param observation as the environment gives it
     * @throws IllegalArgumentException if it has another size
     */
    public A act(float[] observation) {
        float[] action = new float[head.width()];
        acting.mode(actor.forward(normalized(observation)), action);
        return bounded(action);
    }

    /**
     * A draw from the policy's distribution, within the bounds of the action space. State-dependent noise is drawn anew each
     * time.
     *
     * @param stream of this step
     */
    public A sample(float[] observation, SeededStream stream) {
        acting.resetNoise(stream.child("noise"));
        float[] action = new float[head.width()];
        float[] outputs = actor.forward(normalized(observation));
        acting.sample(actor.latent(), outputs, stream, action);
        return bounded(action);
    }

    private float[] normalized(float[] observation) {
        return statistics == null
                ? observation
                : statistics.normalized(
                        observation,
                        VectorNormalizeObservation.DEFAULT_EPSILON,
                        VectorNormalizeObservation.DEFAULT_CLIP);
    }

    private A bounded(float[] action) {
        return head.action(actionSpace instanceof Box box ? box.clip(action) : action);
    }

    Box observationSpace() {
        return observationSpace;
    }

    Space<A> actionSpace() {
        return actionSpace;
    }

    PolicyConfig config() {
        return config;
    }

    RunningStatistics.@Nullable State statistics() {
        return statistics == null ? null : statistics.state();
    }

    Weights weights() {
        return weights;
    }
}
