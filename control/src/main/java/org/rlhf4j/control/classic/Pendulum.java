package org.rlhf4j.control.classic;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.awt.Graphics2D;
import java.util.List;
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
import org.rlhf4j.control.render.PendulumDrawing;
import org.rlhf4j.control.space.Box;

/**
 * {@code Pendulum-v1}: swing a pendulum up and hold it there, with a motor that is too weak to lift it at once.
 *
 * <ul>
 *   <li>Action: torque, -2 to 2 N m; beyond that it is clipped.
 *   <li>Observation: cosine and sine of the angle (0 upright), angular velocity (rad/s, at most 8).
 *   <li>Reward: {@code -(angle^2 + 0.1 velocity^2 + 0.001 torque^2)} of the state before the step, angle between -pi and pi.
 *   <li>Start: angle uniform in {@code [-x_init, x_init]}, velocity in {@code [-y_init, y_init]}; these options are pi and 1
 *       where they are not given.
 *   <li>End: none but the time limit.
 * </ul>
 */
public final class Pendulum implements Environment<float[]>, Drawable {
    private static final EnvironmentSpec SPEC = new EnvironmentSpec("Pendulum-v1", 200, null);
    private static final Arguments ARGUMENTS = new Arguments(SPEC.id());

    private static final double GRAVITY = 10;
    private static final double SECONDS_PER_STEP = 0.05;
    private static final float LARGEST_TORQUE = 2;
    private static final double LARGEST_SPEED = 8;

    private final Box actionSpace = new Box(-LARGEST_TORQUE, LARGEST_TORQUE, 1);
    private final Box observationSpace =
            new Box(new float[] {-1, -1, (float) -LARGEST_SPEED}, new float[] {1, 1, (float) LARGEST_SPEED});
    private final Generator generator = new Generator(0);
    private double theta;
    private double thetaDot;
    private float torque;
    private boolean started;

    /** The environment, without its time limit. */
    public Pendulum() {}

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
        ARGUMENTS.only(options, List.of("x_init", "y_init"));
        double angle = largest(options, "x_init", Math.PI);
        double speed = largest(options, "y_init", 1);
        if (seed != null) {
            generator.seed(seed);
        }
        theta = generator.uniform(-angle, angle);
        thetaDot = generator.uniform(-speed, speed);
        torque = 0;
        started = true;
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
        torque = Math.min(Math.max(ARGUMENTS.action(actionSpace, action), -LARGEST_TORQUE), LARGEST_TORQUE);
        double angle = normalized(theta);
        double cost = angle * angle + 0.1 * (thetaDot * thetaDot) + 0.001f * (torque * torque);
        thetaDot += (1.5 * GRAVITY * Math.sin(theta) + 3 * torque) * SECONDS_PER_STEP;
        thetaDot = Math.min(Math.max(thetaDot, -LARGEST_SPEED), LARGEST_SPEED);
        theta += thetaDot * SECONDS_PER_STEP;
        return new Step(observation(), -cost, false, false, Map.of());
    }

    @Override
    public Optional<ObjectNode> saved() {
        ObjectNode saved = Json.object();
        saved.set("generator", generator.saved());
        saved.set("theta", ExactNumbers.node(theta));
        saved.set("theta_dot", ExactNumbers.node(thetaDot));
        saved.set("torque", ExactNumbers.node(torque));
        return Optional.of(saved.put("started", started));
    }

    @Override
    public void restore(JsonFields saved) {
        generator.restore(saved.object("generator"));
        theta = ExactNumbers.number(saved, "theta");
        thetaDot = ExactNumbers.number(saved, "theta_dot");
        torque = (float) ExactNumbers.number(saved, "torque");
        started = saved.bool("started");
    }

    @Override
    public void draw(Graphics2D graphics, int width, int height) {
        PendulumDrawing.draw(graphics, width, height, theta, torque / LARGEST_TORQUE);
    }

    /** The same angle in {@code [-pi, pi)}. */
    private static double normalized(double angle) {
        double turned = (angle + Math.PI) % (2 * Math.PI);
        return (turned < 0 ? turned + 2 * Math.PI : turned) - Math.PI;
    }

    private static double largest(Map<String, Object> options, String name, double absent) {
        double value = ARGUMENTS.number(options, name, absent);
        if (value < 0) {
            throw ARGUMENTS.refused("option " + name + " must not be negative, but is " + value);
        }
        return value;
    }

    private float[] observation() {
        return new float[] {(float) Math.cos(theta), (float) Math.sin(theta), (float) thetaDot};
    }
}
