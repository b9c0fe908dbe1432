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

/**
 * {@code MountainCarContinuous-v0}: the valley of {@link MountainCar} with an engine that can be throttled.
 *
 * <ul>
 *   <li>Action: force of the engine, -1 to 1; beyond that it is clipped, but paid for in full.
 *   <li>Observation: position and velocity, in units of the valley.
 *   <li>Reward: {@code -0.1 action^2} a step, and 100 for the flag.
 *   <li>Start: at rest, position uniform between -0.6 and -0.4; the options {@code low} and {@code high} change that.
 *   <li>End: the car is at 0.45 or beyond.
 * </ul>
 *
 * <p>Gymnasium keeps the state in float32 from the first step on, and adds a float32 and a Python number in float32 (NumPy 2);
 * the casts here are those roundings.
 */
public final class MountainCarContinuous implements Environment<float[]>, Drawable {
    private static final EnvironmentSpec SPEC = new EnvironmentSpec("MountainCarContinuous-v0", 999, 90.0);
    private static final Arguments ARGUMENTS = new Arguments(SPEC.id());

    private static final double LEFT_WALL = -1.2;
    private static final double RIGHT_END = 0.6;
    private static final double LARGEST_SPEED = 0.07;
    private static final double GOAL = 0.45;
    private static final double ENGINE = 0.0015;
    private static final double GRAVITY = 0.0025;

    private final Box actionSpace = new Box(-1, 1, 1);
    private final Box observationSpace = new Box(
            new float[] {(float) LEFT_WALL, (float) -LARGEST_SPEED},
            new float[] {(float) RIGHT_END, (float) LARGEST_SPEED});
    private final Generator generator = new Generator(0);
    private double position;
    private double velocity;
    private float force;
    private boolean started;
    private boolean first;

    /** The environment, without its time limit. */
    public MountainCarContinuous() {}

    @Override
    public EnvironmentSpec spec() {
        return SPEC;
    }

    @Override
    public Box observationSpace() {
        return observationSpace;
    }

    @Override
    public Box actionSpace() {
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
        force = 0;
        started = true;
        first = true;
        return new Reset(observation(), Map.of());
    }

    /**
     * Takes an action.
     *
     * @param action one finite number
     */
    @Override
    public Step step(float[] action) {
        ARGUMENTS.started(started);
        float wanted = ARGUMENTS.action(actionSpace, action);
        force = Math.min(Math.max(wanted, -1), 1);
        double pull = GRAVITY * Math.cos(first ? 3 * position : 3 * (float) position);
        // A force that was clipped is a Python number, whose sum with gravity is rounded later than that of a float32.
        double acceleration = force == wanted ? force * (float) ENGINE - (float) pull : stored(force * ENGINE - pull);
        velocity = stored(velocity + acceleration);
        velocity = Math.min(Math.max(velocity, stored(-LARGEST_SPEED)), stored(LARGEST_SPEED));
        position = stored(position + velocity);
        position = Math.min(Math.max(position, stored(LEFT_WALL)), stored(RIGHT_END));
        if (position == stored(LEFT_WALL) && velocity < 0) {
            velocity = 0;
        }
        boolean terminated = position >= stored(GOAL) && velocity >= 0;
        double reward = (terminated ? 100.0 : 0.0) - (double) wanted * wanted * 0.1;
        first = false;
        position = stored(position);
        velocity = stored(velocity);
        return new Step(observation(), reward, terminated, false, Map.of());
    }

    @Override
    public Optional<ObjectNode> saved() {
        ObjectNode saved = Json.object();
        saved.set("generator", generator.saved());
        saved.set("position", ExactNumbers.node(position));
        saved.set("velocity", ExactNumbers.node(velocity));
        saved.set("force", ExactNumbers.node(force));
        saved.put("first", first);
        return Optional.of(saved.put("started", started));
    }

    @Override
    public void restore(JsonFields saved) {
        generator.restore(saved.object("generator"));
        position = ExactNumbers.number(saved, "position");
        velocity = ExactNumbers.number(saved, "velocity");
        force = (float) ExactNumbers.number(saved, "force");
        first = saved.bool("first");
        started = saved.bool("started");
    }

    @Override
    public void draw(Graphics2D graphics, int width, int height) {
        MountainCarDrawing.draw(graphics, width, height, position, GOAL, force);
    }

    /** The number in the precision of the state: that of float64 in the first step, of float32 afterwards. */
    private double stored(double value) {
        return first ? value : (float) value;
    }

    private float[] observation() {
        return new float[] {(float) position, (float) velocity};
    }
}
