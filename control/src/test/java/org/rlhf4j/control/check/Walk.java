package org.rlhf4j.control.check;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.EnvironmentSpec;
import org.rlhf4j.control.random.Generator;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Discrete;

/** A walk to and fro that keeps the contract; tests break one thing at a time. */
class Walk implements Environment<Integer> {
    final Generator generator = new Generator(0);
    final Discrete actions = new Discrete(2);
    private final Box observations = new Box(-100, 100, 1);
    float place;

    @Override
    public EnvironmentSpec spec() {
        return new EnvironmentSpec("Walk-v0", 100, null);
    }

    @Override
    public Box observationSpace() {
        return observations;
    }

    @Override
    public Discrete actionSpace() {
        return actions;
    }

    @Override
    public Reset reset(@Nullable Long seed, Map<String, Object> options) {
        if (!options.isEmpty()) {
            throw new IllegalArgumentException("no options");
        }
        if (seed != null) {
            generator.seed(seed);
        }
        place = (float) generator.uniform(-1, 1);
        return new Reset(new float[] {place}, Map.of());
    }

    @Override
    public Step step(Integer action) {
        if (!actions.contains(action)) {
            throw new IllegalArgumentException("no action: " + action);
        }
        place += 2 * action - 1;
        return new Step(new float[] {place}, -1, false, false, Map.of());
    }
}
