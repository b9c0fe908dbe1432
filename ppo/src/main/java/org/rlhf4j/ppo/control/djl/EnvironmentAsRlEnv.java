package org.rlhf4j.ppo.control.djl;

import ai.djl.modality.rl.ActionSpace;
import ai.djl.modality.rl.ReplayBuffer;
import ai.djl.modality.rl.env.RlEnv;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.space.Discrete;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * An environment as an {@link RlEnv}, for the agents of DJL.
 *
 * <p>What an {@code RlEnv} cannot say is lost:
 *
 * <ul>
 *   <li>Whether an episode ended or was cut off: {@link Step#isDone} is true for both, so an agent that learns from it
 *       takes a time limit for an end after which nothing could be gained.
 *   <li>Seeds: the constructor takes one, for the first episode; each {@link #reset} after that goes on with the
 *       environment's generator.
 *   <li>Actions that are vectors: its action space is a list of all actions.
 *   <li>Bounds of observations, and what the environment tells in its info.
 * </ul>
 *
 * <p>An observation is a float32 array {@code [n]}, an action an int32 scalar, a reward a float32 scalar. Arrays are made
 * on the tensor thread; use them there ({@link Torch#call}). An observation is valid until the next step, and so is a step
 * that was taken with {@code training = false}. With {@code training = true} the replay buffer owns the step.
 */
public final class EnvironmentAsRlEnv implements RlEnv {
    private final Environment<Integer> environment;
    private final ReplayBuffer replay;
    private final NDManager manager;
    private final ActionSpace actions;
    private @Nullable Long seed;
    private NDManager shown;
    private float @Nullable [] observation;

    /**
     * Wraps an environment.
     *
     * @param environment closed with this
     * @param seed of the first episode; null leaves it to the environment
     * @param replay what keeps the steps that are taken in training, for example an {@code LruReplayBuffer}
     */
    public EnvironmentAsRlEnv(Environment<Integer> environment, @Nullable Long seed, ReplayBuffer replay) {
        this.environment = environment;
        this.seed = seed;
        this.replay = replay;
        manager = Torch.call(() -> Torch.manager().newSubManager());
        shown = Torch.call(manager::newSubManager);
        actions = Torch.call(() -> actions(manager, (Discrete) environment.actionSpace()));
    }

    private static ActionSpace actions(NDManager manager, Discrete space) {
        ActionSpace actions = new ActionSpace();
        for (int i = 0; i < space.n(); i++) {
            actions.add(new NDList(number(manager, space.start() + i)));
        }
        return actions;
    }

    @Override
    public void reset() {
        observation = environment.reset(seed, Map.of()).observation();
        seed = null;
        forget();
    }

    @Override
    public NDList getObservation() {
        float[] values = current();
        return Torch.call(() -> new NDList(HostCopy.create(shown, values)));
    }

    @Override
    public ActionSpace getActionSpace() {
        ActionSpace copy = new ActionSpace();
        copy.addAll(actions);
        return copy;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalStateException before a reset, or if the action is not one int32 number
     * @throws IllegalArgumentException if the action space does not contain it
     */
    @Override
    public Step step(NDList action, boolean training) {
        float[] before = current();
        int chosen = Torch.call(() -> action.singletonOrThrow().getInt());
        Environment.Step outcome = environment.step(chosen);
        observation = outcome.observation();
        forget();
        return Torch.call(() -> {
            NDManager owner = (training ? manager : shown).newSubManager();
            Step step = new Taken(
                    owner,
                    new NDList(HostCopy.create(owner, before)),
                    new NDList(number(owner, chosen)),
                    new NDList(HostCopy.create(owner, outcome.observation())),
                    getActionSpace(),
                    HostCopy.create(owner, new Shape(), new float[] {(float) outcome.reward()}),
                    outcome.done());
            if (training) {
                replay.addStep(step);
            }
            return step;
        });
    }

    /** An int32 scalar, which is what DJL's own environments take for an action. */
    private static NDArray number(NDManager manager, int value) {
        try (NDArray wide = HostCopy.create(manager, new Shape(), new long[] {value})) {
            return TorchOps.cast(wide, DataType.INT32);
        }
    }

    private float[] current() {
        if (observation == null) {
            throw new IllegalStateException("call reset() first");
        }
        return observation;
    }

    private void forget() {
        Torch.run(() -> {
            shown.close();
            shown = manager.newSubManager();
        });
    }

    @Override
    public Step[] getBatch() {
        return replay.getBatch();
    }

    @Override
    public void close() {
        environment.close();
        Torch.run(manager::close);
    }
}
