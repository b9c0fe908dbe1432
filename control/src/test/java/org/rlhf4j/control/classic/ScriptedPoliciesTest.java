package org.rlhf4j.control.classic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.registry.Environments;

/** Returns and lengths of one-line policies on seeds 0 to 4, as Gymnasium 1.3.0 gives them. */
class ScriptedPoliciesTest {
    @Test
    void cartPoleIsBalancedToItsLimit() {
        assertEpisodes(
                Environments.make("CartPole-v1", Integer.class),
                (observation, t) -> observation[2] + 0.5 * observation[3] > 0 ? 1 : 0,
                new int[] {500, 500, 500, 500, 500},
                500,
                500,
                500,
                500,
                500);
    }

    @Test
    void mountainCarSwingsUp() {
        assertEpisodes(
                Environments.make("MountainCar-v0", Integer.class),
                (observation, t) -> observation[1] >= 0 ? 2 : 0,
                new int[] {122, 124, 116, 114, 122},
                -122,
                -124,
                -116,
                -114,
                -122);
    }

    @Test
    void mountainCarContinuousSwingsUp() {
        assertEpisodes(
                Environments.make("MountainCarContinuous-v0", float[].class),
                (observation, t) -> new float[] {observation[1] >= 0 ? 0.75f : -0.75f},
                new int[] {114, 112, 110, 110, 121},
                93.58749999999998,
                93.69999999999999,
                93.81249999999999,
                93.81249999999999,
                93.19374999999998);
    }

    @Test
    void pendulumIsDrivenToAndFro() {
        assertEpisodes(
                Environments.make("Pendulum-v1", float[].class),
                (observation, t) -> new float[] {(t % 9 - 4) / 2f},
                new int[] {200, 200, 200, 200, 200},
                -971.5203266043519,
                -627.9478668466539,
                -1180.276375301783,
                -1570.6203801414824,
                -1701.5273279782514);
    }

    @Test
    void acrobotReachesTheLine() {
        assertEpisodes(
                Environments.make("Acrobot-v1", Integer.class),
                (observation, t) -> observation[4] > 0 ? 0 : 2,
                new int[] {77, 72, 140, 119, 100},
                -76,
                -71,
                -139,
                -118,
                -99);
    }

    private static <A> void assertEpisodes(
            Environment<A> environment, Policy<A> policy, int[] lengths, double... returns) {
        for (int seed = 0; seed < returns.length; seed++) {
            float[] observation = environment.reset(seed).observation();
            double sum = 0;
            int t = 0;
            boolean done = false;
            while (!done) {
                Environment.Step step = environment.step(policy.action(observation, t));
                sum += step.reward();
                observation = step.observation();
                done = step.done();
                t++;
            }
            assertThat(t).as("length, seed %d", seed).isEqualTo(lengths[seed]);
            assertThat(sum).as("return, seed %d", seed).isCloseTo(returns[seed], within(1e-9));
        }
    }

    private interface Policy<A> {
        A action(float[] observation, int t);
    }
}
