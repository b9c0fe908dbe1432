package org.rlhf4j.ppo.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rlhf4j.base.ExactNumbers;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.control.vector.VectorEnvironment;
import org.rlhf4j.core.checkpoint.Resumable;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.checkpoint.StateWriter;
import org.rlhf4j.ppo.Rollout;

/**
 * Acts in several environments at once: detail 1 of Huang et al. 2022, "The 37 Implementation Details of PPO". Episodes go
 * on from one rollout to the next.
 *
 * <p>A time limit is no end of the task: the value of the observation it cut off at is added to the reward, Pardo et al.
 * 2018 (arXiv:1712.00378), equation 3. So is that of the observation at which a rollout stops.
 *
 * @param <A> an action of the environment
 */
final class RolloutCollector<A> implements Resumable {
    private final VectorEnvironment<A> environments;
    private final ActionHead<A> head;
    private final MlpLayout actor;
    private final MlpLayout critic;
    private final int numSteps;
    private final float gamma;
    private final int noiseFrequency;
    private final SeededStream stream;
    private final long seed;
    private float[][] observations;
    private long step;

    /**
     * What was collected; row {@code b numSteps + t} of the samples is step t of environment b.
     *
     * @param rollout {@code [environments][numSteps]}
     * @param observations that the actions answered, one after the other, {@code [N O]}
     * @param actions as the head records them, {@code [N W]}
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, compared by nobody
    record Collected(Rollout rollout, float[] observations, float[] actions) {}

    RolloutCollector(VectorEnvironment<A> environments, ControlActorCritic<A> actorCritic, ControlConfig config) {
        if (environments.autoresetMode() != VectorEnvironment.AutoresetMode.SAME_STEP) {
            throw new IllegalArgumentException(
                    "rollouts want environments that reset in the same step, not " + environments.autoresetMode());
        }
        this.environments = environments;
        this.head = actorCritic.head();
        this.actor = actorCritic.actor();
        this.critic = actorCritic.critic();
        this.numSteps = config.numSteps();
        this.gamma = (float) config.ppo().gamma();
        this.noiseFrequency = config.policy().exploration() instanceof Exploration.StateDependent smooth
                ? smooth.sampleFrequency()
                : 0;
        this.stream = SeededStream.of(config.seed(), "actions");
        this.seed = config.seed();
        this.observations = environments.reset(seed).observations();
        requireSound();
    }

    /**
     * How many steps were made, and what the next actions answer; the environments are {@link TrainingEnvironments}' to
     * save.
     */
    @Override
    public void saveTo(StateWriter out) {
        ObjectNode latest = Json.object();
        for (int b = 0; b < observations.length; b++) {
            latest.set(Integer.toString(b), ExactNumbers.array(observations[b]));
        }
        out.put("step", step).put("observations", latest);
    }

    @Override
    public void restoreFrom(StateReader in) {
        step = in.integer("step");
        JsonFields latest = in.object("observations");
        if (latest.names().size() != observations.length) {
            throw latest.fail("there are observations of " + latest.names().size() + " environments, but this run has "
                    + observations.length);
        }
        for (int b = 0; b < observations.length; b++) {
            observations[b] = ExactNumbers.floats(
                    latest, Integer.toString(b), environments.observationSpace().size());
        }
    }

    /** Begins episodes where those that were saved cannot go on; others than at the start of the run. */
    void beginAnew() {
        long other = SeededStream.of(seed, "episodes").child(step).nextLong();
        observations = environments.reset(other >>> 2).observations();
        requireSound();
    }

    /** Acts for {@code numSteps} steps of each environment with one snapshot of weights. */
    Collected collect(Weights weights) {
        int n = environments.size();
        Mlp actorNow = new Mlp(actor, weights);
        Mlp criticNow = new Mlp(critic, weights);
        List<ActionHead.Acting> acting = new ArrayList<>();
        for (int b = 0; b < n; b++) {
            acting.add(head.acting(weights));
        }
        Recording recording =
                new Recording(n, numSteps, environments.observationSpace().size(), head.width());
        for (int t = 0; t < numSteps; t++) {
            List<A> actions = new ArrayList<>(n);
            for (int b = 0; b < n; b++) {
                SeededStream now = stream.child(b).child(step);
                if (t == 0 || (noiseFrequency > 0 && t % noiseFrequency == 0)) {
                    acting.get(b).resetNoise(now.child("noise"));
                }
                float[] outputs = actorNow.forward(observations[b]);
                float[] action = new float[head.width()];
                double logProb = acting.get(b).sample(actorNow.latent(), outputs, now, action);
                recording.acted(
                        b,
                        t,
                        observations[b],
                        action,
                        (float) logProb,
                        criticNow.forward(observations[b])[0]);
                actions.add(head.action(action));
            }
            VectorEnvironment.VectorStep outcome = environments.step(actions);
            boolean last = t == numSteps - 1;
            for (int b = 0; b < n; b++) {
                rewarded(recording, b, t, outcome, last, criticNow);
            }
            observations = outcome.observations();
            requireSound();
            step++;
        }
        return recording.collected();
    }

    /** A user's environment may be wrong: better named here than learned from. */
    private void requireSound() {
        int size = environments.observationSpace().size();
        for (int b = 0; b < observations.length; b++) {
            boolean sound = observations[b].length == size;
            for (float value : observations[b]) {
                sound &= Float.isFinite(value);
            }
            if (!sound) {
                throw new IllegalStateException(String.format(
                        "environment %d of %s observes %s after step %d: expected %d finite numbers",
                        b, environments.spec().id(), Arrays.toString(observations[b]), step + 1, size));
            }
        }
    }

    private void rewarded(
            Recording recording, int b, int t, VectorEnvironment.VectorStep outcome, boolean last, Mlp criticNow) {
        float reward = (float) outcome.rewards()[b];
        boolean terminated = outcome.terminated()[b];
        boolean done = terminated || outcome.truncated()[b];
        float[] cutOffAt = null;
        if (done) {
            cutOffAt = terminated ? null : outcome.finalObservations()[b];
        } else if (last) {
            cutOffAt = outcome.observations()[b];
        }
        float rest = cutOffAt == null ? 0 : gamma * criticNow.forward(cutOffAt)[0];
        recording.rewarded(b, t, reward + rest, done || last ? 0 : gamma);
    }

    /** Arrays being filled. */
    private static final class Recording {
        private final float[][] logProbs;
        private final float[][] values;
        private final float[][] rewards;
        private final float[][] discounts;
        private final boolean[][] mask;
        private final float[] observations;
        private final float[] actions;
        private final int steps;

        Recording(int n, int steps, int observationSize, int actionWidth) {
            this.steps = steps;
            logProbs = new float[n][steps];
            values = new float[n][steps];
            rewards = new float[n][steps];
            discounts = new float[n][steps];
            mask = new boolean[n][steps];
            observations = new float[n * steps * observationSize];
            actions = new float[n * steps * actionWidth];
        }

        void acted(int b, int t, float[] observation, float[] action, float logProb, float value) {
            int row = b * steps + t;
            System.arraycopy(observation, 0, observations, row * observation.length, observation.length);
            System.arraycopy(action, 0, actions, row * action.length, action.length);
            logProbs[b][t] = logProb;
            values[b][t] = value;
            mask[b][t] = true;
        }

        void rewarded(int b, int t, float reward, float discount) {
            rewards[b][t] = reward;
            discounts[b][t] = discount;
        }

        Collected collected() {
            return new Collected(new Rollout(logProbs, values, rewards, discounts, mask), observations, actions);
        }
    }
}
