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
import org.rlhf4j.control.render.CartPoleDrawing;
import org.rlhf4j.control.render.Drawable;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Discrete;

/**
 * {@code CartPole-v1}: a pole is hinged to a cart; keep it upright by pushing the cart (Barto, Sutton and Anderson,
 * "Neuronlike Adaptive Elements That Can Solve Difficult Learning Control Problems", 1983; dynamics of Florian, "Correct
 * equations for the dynamics of the cart-pole system", 2007).
 *
 * <ul>
 *   <li>Action: 0 pushes to the left, 1 to the right, with 10 N.
 *   <li>Observation: position (m), velocity (m/s), angle of the pole (rad, 0 upright), angular velocity (rad/s).
 *   <li>Reward: 1 a step, that of the fall included.
 *   <li>Start: each of the four uniform between -0.05 and 0.05; the options {@code low} and {@code high} change that.
 *   <li>End: the cart is more than 2.4 m from the middle or the pole leans by more than 12 degrees.
 * </ul>
 */
public final class CartPole implements Environment<Integer>, Drawable {
    private static final EnvironmentSpec SPEC = new EnvironmentSpec("CartPole-v1", 500, 475.0);
    private static final Arguments ARGUMENTS = new Arguments(SPEC.id());

    private static final double GRAVITY = 9.8;
    private static final double POLE_MASS = 0.1;
    private static final double TOTAL_MASS = POLE_MASS + 1.0;
    /** Half of the pole's length in metres. */
    private static final double LENGTH = 0.5;

    private static final double POLE_MASS_LENGTH = POLE_MASS * LENGTH;
    private static final double FORCE = 10.0;
    private static final double SECONDS_PER_STEP = 0.02;
    private static final double LARGEST_ANGLE = 12 * 2 * Math.PI / 360;
    private static final double LARGEST_POSITION = 2.4;

    private final Discrete actionSpace = new Discrete(2);
    private final Box observationSpace;
    private final Generator generator = new Generator(0);
    private double x;
    private double xDot;
    private double theta;
    private double thetaDot;
    private boolean started;
    private boolean fallen;

    /** The environment, without its time limit. */
    public CartPole() {
        float[] high = {
            (float) (2 * LARGEST_POSITION),
            Float.POSITIVE_INFINITY,
            (float) (2 * LARGEST_ANGLE),
            Float.POSITIVE_INFINITY
        };
        observationSpace = new Box(new float[] {-high[0], -high[1], -high[2], -high[3]}, high);
    }

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
        Arguments.Interval start = ARGUMENTS.interval(options, -0.05, 0.05);
        if (seed != null) {
            generator.seed(seed);
        }
        x = generator.uniform(start.low(), start.high());
        xDot = generator.uniform(start.low(), start.high());
        theta = generator.uniform(start.low(), start.high());
        thetaDot = generator.uniform(start.low(), start.high());
        started = true;
        fallen = false;
        return new Reset(observation(), Map.of());
    }

    /** A step after the fall has reward 0, as in Gymnasium. */
    @Override
    public Step step(Integer action) {
        ARGUMENTS.started(started);
        double force = ARGUMENTS.action(actionSpace, action) == 1 ? FORCE : -FORCE;
        double cos = Math.cos(theta);
        double sin = Math.sin(theta);
        double push = (force + POLE_MASS_LENGTH * (thetaDot * thetaDot) * sin) / TOTAL_MASS;
        double thetaAcceleration =
                (GRAVITY * sin - cos * push) / (LENGTH * (4.0 / 3.0 - POLE_MASS * (cos * cos) / TOTAL_MASS));
        double xAcceleration = push - POLE_MASS_LENGTH * thetaAcceleration * cos / TOTAL_MASS;
        x += SECONDS_PER_STEP * xDot;
        xDot += SECONDS_PER_STEP * xAcceleration;
        theta += SECONDS_PER_STEP * thetaDot;
        thetaDot += SECONDS_PER_STEP * thetaAcceleration;

        boolean terminated = Math.abs(x) > LARGEST_POSITION || Math.abs(theta) > LARGEST_ANGLE;
        double reward = terminated && fallen ? 0 : 1;
        fallen |= terminated;
        return new Step(observation(), reward, terminated, false, Map.of());
    }

    @Override
    public Optional<ObjectNode> saved() {
        ObjectNode saved = Json.object();
        saved.set("generator", generator.saved());
        saved.set("x", ExactNumbers.node(x));
        saved.set("x_dot", ExactNumbers.node(xDot));
        saved.set("theta", ExactNumbers.node(theta));
        saved.set("theta_dot", ExactNumbers.node(thetaDot));
        saved.put("fallen", fallen);
        return Optional.of(saved.put("started", started));
    }

    @Override
    public void restore(JsonFields saved) {
        generator.restore(saved.object("generator"));
        x = ExactNumbers.number(saved, "x");
        xDot = ExactNumbers.number(saved, "x_dot");
        theta = ExactNumbers.number(saved, "theta");
        thetaDot = ExactNumbers.number(saved, "theta_dot");
        fallen = saved.bool("fallen");
        started = saved.bool("started");
    }

    @Override
    public void draw(Graphics2D graphics, int width, int height) {
        CartPoleDrawing.draw(graphics, width, height, x, theta);
    }

    @Override
    public int framesPerSecond() {
        return 50;
    }

    private float[] observation() {
        return new float[] {(float) x, (float) xDot, (float) theta, (float) thetaDot};
    }
}
