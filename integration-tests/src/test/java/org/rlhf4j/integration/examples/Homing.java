package org.rlhf4j.integration.examples;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.EnvironmentSpec;
import org.rlhf4j.control.random.Generator;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Discrete;

/** An environment of one's own: a walker on a line wants to be at 0. Action 0 steps to the left, 1 to the right. */
public final class Homing implements Environment<Integer> {
    private static final float STRIDE = 0.2f;

    private final Box observations = new Box(-4, 4, 1);
    private final Discrete actions = new Discrete(2);
    private final Generator generator = new Generator(0);
    private float place;

    @Override
    public EnvironmentSpec spec() {
        return new EnvironmentSpec("Homing-v0", 40, null);
    }

    @Override
    public Box observationSpace() {
        return observations;
    }

    @Override
    public Discrete actionSpace() {
        return actions;
    }

    /** Starts anywhere between -1 and 1. */
    @Override
    public Reset reset(@Nullable Long seed, Map<String, Object> options) {
        if (!options.isEmpty()) {
            throw new IllegalArgumentException("Homing-v0 has no options, got " + options.keySet());
        }
        if (seed != null) {
            generator.seed(seed);
        }
        place = (float) generator.uniform(-1, 1);
        return new Reset(new float[] {place}, Map.of());
    }

    /** The reward is the distance, negated; being nearer than half a stride ends the episode. */
    @Override
    public Step step(Integer action) {
        if (!actions.contains(action)) {
            throw new IllegalArgumentException("Homing-v0: action " + action + " is not in " + actions);
        }
        float moved = place + (action == 1 ? STRIDE : -STRIDE);
        place = observations.clip(new float[] {moved})[0];
        float distance = Math.abs(place);
        boolean home = distance <= STRIDE / 2;
        return new Step(new float[] {place}, -distance, home, false, Map.of());
    }

    /** All that the next steps depend on: training can be interrupted anywhere and goes on as if it had not been. */
    @Override
    public Optional<ObjectNode> saved() {
        ObjectNode saved = Json.object().put("place", (double) place);
        saved.set("generator", generator.saved());
        return Optional.of(saved);
    }

    @Override
    public void restore(JsonFields saved) {
        place = (float) saved.number("place");
        generator.restore(saved.object("generator"));
    }
}
