package org.rlhf4j.ppo.control.djl;

import ai.djl.modality.rl.ActionSpace;
import ai.djl.modality.rl.env.RlEnv;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.Map;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.EnvironmentSpec;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Discrete;
import org.rlhf4j.core.tensor.Torch;

/**
 * An {@link RlEnv} as an environment, so that it can be trained in.
 *
 * <p>What an {@code RlEnv} does not say has to come from elsewhere:
 *
 * <ul>
 *   <li>Seeds: it has none, so {@code reset(seed)} makes a new one from the seed. A maker that ignores its seed makes runs
 *       that cannot be repeated.
 *   <li>Cut-off episodes: {@code isDone} counts as terminated. An environment that says so at a time limit teaches that
 *       nothing could be gained afterwards; leave the limit out of it and put a time limit around this instead.
 *   <li>Bounds of observations: none are known, so they are infinite. The elements are those of all its arrays, one after
 *       the other, as float32.
 *   <li>Actions: action {@code i} is the i-th of the list that it gives at the start, and the list must stay as long as it
 *       is; where the legal actions depend on the state there is no {@link Discrete} space.
 * </ul>
 *
 * <p>It is made and called on the tensor thread. Every step is closed after it was read.
 */
public final class RlEnvAsEnvironment implements Environment<Integer> {
    private final EnvironmentSpec spec;
    private final LongFunction<? extends RlEnv> maker;
    private final Box observationSpace;
    private final Discrete actionSpace;
    private RlEnv rlEnv;
    private boolean running;

    /**
     * Makes a first one, from seed 0, and resets it to see its spaces.
     *
     * @param spec what it shall be called; a time limit in it is not applied here
     * @param maker makes an {@code RlEnv} from a seed; it is closed with this, or when the next one is made
     * @throws IllegalArgumentException if it has no action, or nothing to observe
     */
    public RlEnvAsEnvironment(EnvironmentSpec spec, LongFunction<? extends RlEnv> maker) {
        this.spec = spec;
        this.maker = maker;
        rlEnv = Torch.call(() -> maker.apply(0));
        float[] first = Torch.call(() -> {
            rlEnv.reset();
            return values(rlEnv.getObservation());
        });
        observationSpace = new Box(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, first.length);
        actionSpace = new Discrete(Torch.call(() -> rlEnv.getActionSpace().size()));
    }

    @Override
    public EnvironmentSpec spec() {
        return spec;
    }

    @Override
    public Box observationSpace() {
        return observationSpace;
    }

    @Override
    public Discrete actionSpace() {
        return actionSpace;
    }

    @Override
    public Reset reset(@Nullable Long seed, Map<String, Object> options) {
        if (!options.isEmpty()) {
            throw new IllegalArgumentException("an RlEnv has no options, got " + options.keySet());
        }
        if (seed != null && seed < 0) {
            throw new IllegalArgumentException("a seed is not negative, got " + seed);
        }
        float[] observation = Torch.call(() -> {
            if (seed != null) {
                rlEnv.close();
                rlEnv = maker.apply(seed);
            }
            rlEnv.reset();
            return values(rlEnv.getObservation());
        });
        running = true;
        return new Reset(checked(observation), Map.of());
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalStateException before a reset, or if the number of actions or observed values has changed
     */
    @Override
    public Step step(Integer action) {
        if (!running) {
            throw new IllegalStateException("call reset() first: no episode is running");
        }
        if (!actionSpace.contains(action)) {
            throw new IllegalArgumentException("action " + action + " is not in " + actionSpace);
        }
        Step step = Torch.call(() -> {
            ActionSpace actions = rlEnv.getActionSpace();
            if (actions.size() != actionSpace.n()) {
                throw new IllegalStateException("the RlEnv offers " + actions.size() + " actions, and offered "
                        + actionSpace.n() + " at first: actions that depend on the state do not fit a Discrete space");
            }
            try (RlEnv.Step taken = rlEnv.step(actions.get(action), false)) {
                float[] observation = checked(values(taken.getPostObservation()));
                double reward = values(new NDList(taken.getReward()))[0];
                return new Step(observation, reward, taken.isDone(), false, Map.of());
            }
        });
        running = !step.done();
        return step;
    }

    private float[] checked(float[] observation) {
        if (observation.length != observationSpace.size()) {
            throw new IllegalStateException("the RlEnv shows " + observation.length + " values, and showed "
                    + observationSpace.size() + " at first");
        }
        return observation;
    }

    private static float[] values(NDList arrays) {
        int size = Math.toIntExact(arrays.stream().mapToLong(NDArray::size).sum());
        float[] values = new float[size];
        int filled = 0;
        for (NDArray array : arrays) {
            for (Number value : array.toArray()) {
                values[filled++] = value.floatValue();
            }
        }
        return values;
    }

    @Override
    public void close() {
        Torch.run(rlEnv::close);
    }
}
