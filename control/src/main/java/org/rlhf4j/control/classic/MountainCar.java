package org.rlhf4j.control.classic;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.awt.Graphics2D;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.ExactNumbers;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.EnvironmentSpec;
import org.rlhf4j.control.random.Generator;
import org.rlhf4j.control.render.Drawable;
import org.rlhf4j.control.render.MountainCarDrawing;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Discrete;

/**
 * {@code MountainCar-v0}: a car in a valley whose engine is too weak for the slope has to swing itself up to the flag
 * (Moore, "Efficient Memory-based Learning for Robot Control", 1990).
 *
 * <ul>
 *   <li>Action: 0 drives to the left, 1 coasts, 2 drives to the right.
 *   <li>Observation: position and velocity, in units of the valley.
 *   <li>Reward: -1 a step, that to the flag included.
 *   <li>Start: at rest, position uniform between -0.6 and -0.4; the options {@code low} and {@code high} change that.
 *   <li>End: the car is at 0.5 or beyond.
 * </ul>
 */
public final class MountainCar implements Environment<Integer>, Drawable {
    private static final EnvironmentSpec SPEC = new EnvironmentSpec("MountainCar-v0", 200, -110.0);
    private static final Arguments ARGUMENTS = new Arguments(SPEC.id());

    private static final double LEFT_WALL = -1.2;
    private static final double RIGHT_END = 0.6;
    private static final double LARGEST_SPEED = 0.07;
    private static final double GOAL = 0.5;
    private static final double ENGINE = 0.001;
    private static final double GRAVITY = 0.0025;

    private final Discrete actionSpace = new Discrete(3);
    private final Box observationSpace = new Box(
            new float[] {(float) LEFT_WALL, (float) -LARGEST_SPEED},
            new float[] {(float) RIGHT_END, (float) LARGEST_SPEED});
    private final Generator generator = new Generator(0);
    private double position;
    private double velocity;
    private int push;
    private boolean started;

    /** The environment, without its time limit. */
    public MountainCar() {}

    @Override
    public EnvironmentSpec spec() {
        return SPEC;
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
        Arguments.Interval start = ARGUMENTS.interval(options, -0.6, -0.4);
        if (seed != null) {
            generator.seed(seed);
        }
        position = generator.uniform(start.low(), start.high());
        velocity = 0;
        push = 0;
        started = true;
        return new Reset(observation(), Map.of());
    }

    @Override
    public Step step(Integer action) {
        ARGUMENTS.started(started);
        push = ARGUMENTS.action(actionSpace, action) - 1;
        velocity += push * ENGINE + Math.cos(3 * position) * -GRAVITY;
        velocity = Math.min(Math.max(velocity, -LARGEST_SPEED), LARGEST_SPEED);
        position = Math.min(Math.max(position + velocity, LEFT_WALL), RIGHT_END);
        if (position == LEFT_WALL && velocity < 0) {
            velocity = 0;
        }
        boolean terminated = position >= GOAL && velocity >= 0;
        return new Step(observation(), -1, terminated, false, Map.of());
    }

    @Override
    public Optional<ObjectNode> saved() {
        ObjectNode saved = Json.object();
        saved.set("generator", generator.saved());
        saved.set("position", ExactNumbers.node(position));
        saved.set("velocity", ExactNumbers.node(velocity));
        saved.put("push", push);
        return Optional.of(saved.put("started", started));
    }

    @Override
    public void restore(JsonFields saved) {
        generator.restore(saved.object("generator"));
        position = ExactNumbers.number(saved, "position");
        velocity = ExactNumbers.number(saved, "velocity");
        push = saved.int32("push");
        started = saved.bool("started");
    }

    @Override
    public void draw(Graphics2D graphics, int width, int height) {
        MountainCarDrawing.draw(graphics, width, height, position, GOAL, push);
    }

    private float[] observation() {
        return new float[] {(float) position, (float) velocity};
    }
}
