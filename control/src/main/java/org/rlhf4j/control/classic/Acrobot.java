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
import org.rlhf4j.control.render.AcrobotDrawing;
import org.rlhf4j.control.render.Drawable;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Discrete;

/**
 * {@code Acrobot-v1}: two links hang from a joint, a motor turns the joint between them; swing the free end above the line
 * one link above the upper joint (Sutton, "Generalization in Reinforcement Learning: Successful Examples Using Sparse Coarse
 * Coding", 1996; dynamics of Sutton and Barto, "Reinforcement Learning", which Gymnasium calls "book").
 *
 * <ul>
 *   <li>Action: 0, 1, 2: torque of -1, 0, 1 N m.
 *   <li>Observation: cosine and sine of the first link's angle (0 hanging down), of the second's to the first, and the two
 *       angular velocities (rad/s, at most 4 pi and 9 pi).
 *   <li>Reward: -1 a step, 0 for the one that reaches the line.
 *   <li>Start: angles and velocities uniform between -0.1 and 0.1; the options {@code low} and {@code high} change that.
 *   <li>End: the free end is above the line.
 * </ul>
 *
 * <p>A step is one of Runge and Kutta's, of fourth order, over 0.2 s with constant torque.
 *
 * <p>The motion is chaotic: where sine or cosine differ in the last bit of a float64, as those of the C library that NumPy
 * uses do from Java's about once in 600 calls, the difference grows to that of a float32 in about 200 steps and to a
 * different motion in about 500. Of 400 episodes of random torques all were equal to Gymnasium's for the first 190 steps.
 */
public final class Acrobot implements Environment<Integer>, Drawable {
    private static final EnvironmentSpec SPEC = new EnvironmentSpec("Acrobot-v1", 500, -100.0);
    private static final Arguments ARGUMENTS = new Arguments(SPEC.id());

    private static final double SECONDS_PER_STEP = 0.2;
    private static final double GRAVITY = 9.8;
    /** Of a link, from its upper joint, in metres; links are 1 m long and weigh 1 kg. */
    private static final double CENTRE = 0.5;
    /** Moment of inertia of a link, in kg m^2. */
    private static final double INERTIA = 1;

    private static final double LARGEST_SPEED_1 = 4 * Math.PI;
    private static final double LARGEST_SPEED_2 = 9 * Math.PI;

    private final Discrete actionSpace = new Discrete(3);
    private final Box observationSpace;
    private final Generator generator = new Generator(0);
    private State state = new State(0, 0, 0, 0);
    private boolean started;

    /** The environment, without its time limit. */
    public Acrobot() {
        float speed1 = (float) LARGEST_SPEED_1;
        float speed2 = (float) LARGEST_SPEED_2;
        observationSpace =
                new Box(new float[] {-1, -1, -1, -1, -speed1, -speed2}, new float[] {1, 1, 1, 1, speed1, speed2});
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
        Arguments.Interval start = ARGUMENTS.interval(options, -0.1, 0.1);
        if (seed != null) {
            generator.seed(seed);
        }
        state = new State(drawn(start), drawn(start), drawn(start), drawn(start));
        started = true;
        return new Reset(state.observation(), Map.of());
    }

    @Override
    public Step step(Integer action) {
        ARGUMENTS.started(started);
        state = state.after(ARGUMENTS.action(actionSpace, action) - 1).withinLimits();
        boolean terminated = -Math.cos(state.theta1) - Math.cos(state.theta2 + state.theta1) > 1;
        return new Step(state.observation(), terminated ? 0 : -1, terminated, false, Map.of());
    }

    @Override
    public Optional<ObjectNode> saved() {
        ObjectNode saved = Json.object();
        saved.set("generator", generator.saved());
        saved.set("theta1", ExactNumbers.node(state.theta1));
        saved.set("theta2", ExactNumbers.node(state.theta2));
        saved.set("dtheta1", ExactNumbers.node(state.dtheta1));
        saved.set("dtheta2", ExactNumbers.node(state.dtheta2));
        return Optional.of(saved.put("started", started));
    }

    @Override
    public void restore(JsonFields saved) {
        generator.restore(saved.object("generator"));
        state = new State(
                ExactNumbers.number(saved, "theta1"),
                ExactNumbers.number(saved, "theta2"),
                ExactNumbers.number(saved, "dtheta1"),
                ExactNumbers.number(saved, "dtheta2"));
        started = saved.bool("started");
    }

    @Override
    public void draw(Graphics2D graphics, int width, int height) {
        AcrobotDrawing.draw(graphics, width, height, state.theta1, state.theta2);
    }

    @Override
    public int framesPerSecond() {
        return 15;
    }

    /** Gymnasium rounds the start to float32. */
    private float drawn(Arguments.Interval start) {
        return (float) generator.uniform(start.low(), start.high());
    }

    /** Two angles and their velocities, or the rates at which these change. */
    private record State(double theta1, double theta2, double dtheta1, double dtheta2) {
        State after(double torque) {
            State k1 = rates(torque);
            State k2 = plus(SECONDS_PER_STEP / 2, k1).rates(torque);
            State k3 = plus(SECONDS_PER_STEP / 2, k2).rates(torque);
            State k4 = plus(SECONDS_PER_STEP, k3).rates(torque);
            return plus(SECONDS_PER_STEP / 6, k1.plus(2, k2).plus(2, k3).plus(1, k4));
        }

        State withinLimits() {
            return new State(
                    wrapped(theta1),
                    wrapped(theta2),
                    Math.min(Math.max(dtheta1, -LARGEST_SPEED_1), LARGEST_SPEED_1),
                    Math.min(Math.max(dtheta2, -LARGEST_SPEED_2), LARGEST_SPEED_2));
        }

        float[] observation() {
            return new float[] {
                (float) Math.cos(theta1),
                (float) Math.sin(theta1),
                (float) Math.cos(theta2),
                (float) Math.sin(theta2),
                (float) dtheta1,
                (float) dtheta2
            };
        }

        /** The equations of motion; masses and lengths of 1 are left out. */
        private State rates(double torque) {
            double cos2 = Math.cos(theta2);
            double sin2 = Math.sin(theta2);
            double d1 = CENTRE * CENTRE + (1 + CENTRE * CENTRE + 2 * CENTRE * cos2) + INERTIA + INERTIA;
            double d2 = CENTRE * CENTRE + CENTRE * cos2 + INERTIA;
            double phi2 = CENTRE * GRAVITY * Math.cos(theta1 + theta2 - Math.PI / 2);
            double phi1 = -CENTRE * (dtheta2 * dtheta2) * sin2
                    - 2 * CENTRE * dtheta2 * dtheta1 * sin2
                    + (CENTRE + 1) * GRAVITY * Math.cos(theta1 - Math.PI / 2)
                    + phi2;
            double ddtheta2 = (torque + d2 / d1 * phi1 - CENTRE * (dtheta1 * dtheta1) * sin2 - phi2)
                    / (CENTRE * CENTRE + INERTIA - d2 * d2 / d1);
            double ddtheta1 = -(d2 * ddtheta2 + phi1) / d1;
            return new State(dtheta1, dtheta2, ddtheta1, ddtheta2);
        }

        private State plus(double factor, State other) {
            return new State(
                    theta1 + factor * other.theta1,
                    theta2 + factor * other.theta2,
                    dtheta1 + factor * other.dtheta1,
                    dtheta2 + factor * other.dtheta2);
        }

        private static double wrapped(double angle) {
            double wrapped = angle;
            while (wrapped > Math.PI) {
                wrapped -= 2 * Math.PI;
            }
            while (wrapped < -Math.PI) {
                wrapped += 2 * Math.PI;
            }
            return wrapped;
        }
    }
}
