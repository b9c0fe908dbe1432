package org.rlhf4j.control.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.rlhf4j.control.EnvironmentSpec;
import org.rlhf4j.control.classic.Acrobot;
import org.rlhf4j.control.classic.CartPole;
import org.rlhf4j.control.classic.MountainCar;
import org.rlhf4j.control.classic.MountainCarContinuous;
import org.rlhf4j.control.classic.Pendulum;
import org.rlhf4j.control.registry.Environments;
import org.rlhf4j.control.space.Box;

/** Environments that keep the contract, some with a warning. */
class EnvironmentWarningsTest {
    @Test
    void everyClassicEnvironmentKeepsTheContract() {
        assertThat(EnvironmentChecker.check(CartPole::new))
                .containsExactly(
                        "element 1 of the observation space has an infinite bound",
                        "element 3 of the observation space has an infinite bound");
        assertThat(EnvironmentChecker.check(MountainCar::new)).isEmpty();
        assertThat(EnvironmentChecker.check(MountainCarContinuous::new)).isEmpty();
        assertThat(EnvironmentChecker.check(Acrobot::new)).isEmpty();
        assertThat(EnvironmentChecker.check(Pendulum::new))
                .singleElement()
                .asString()
                .startsWith("element 0 of the action space has the bounds -2.0 and 2.0; policies start around 0");
    }

    @Test
    void environmentsKeepTheContractWithinTheirWrappersToo() {
        assertThat(EnvironmentChecker.check(() -> Environments.make("Acrobot-v1", Integer.class)))
                .isEmpty();
        assertThat(EnvironmentChecker.check(() -> Environments.make("MountainCarContinuous-v0", float[].class)))
                .isEmpty();
    }

    @Test
    void theWalkThatTheOtherTestsBreakKeepsIt() {
        assertThat(EnvironmentChecker.check(Walk::new)).isEmpty();
    }

    @Test
    void anIdWithoutVersionIsAWarning() {
        assertWarning(
                () -> new Walk() {
                    @Override
                    public EnvironmentSpec spec() {
                        return new EnvironmentSpec("Walk", null, null);
                    }
                },
                "the id \"Walk\" has no version; write Name-v0, and count up when results change");
    }

    @Test
    void aStartThatNoSeedChangesIsAWarning() {
        assertWarning(
                () -> new Walk() {
                    @Override
                    public Reset reset(@Nullable Long seed, Map<String, Object> options) {
                        super.reset(seed, options);
                        place = 0;
                        return new Reset(new float[1], Map.of());
                    }
                },
                "reset(123) and reset(456) start alike; harmless if the start is always the same, otherwise the seed is not used");
    }

    @Test
    void aStartThatRepeatsWithoutSeedIsAWarning() {
        assertWarning(
                () -> new Walk() {
                    private long latest;

                    @Override
                    public Reset reset(@Nullable Long seed, Map<String, Object> options) {
                        latest = seed == null ? latest : seed;
                        return super.reset(latest, options);
                    }
                },
                "reset() repeats the start of reset(123); without a seed the generator has to go on");
    }

    @Test
    void anUnknownOptionThatIsAcceptedIsAWarning() {
        assertWarning(
                () -> new Walk() {
                    @Override
                    public Reset reset(@Nullable Long seed, Map<String, Object> options) {
                        return super.reset(seed, Map.of());
                    }
                },
                "reset accepts an unknown option; refuse it, or a mistyped one goes unnoticed");
    }

    @Test
    void anElementThatCannotChangeIsAWarning() {
        assertWarning(
                () -> new Walk() {
                    @Override
                    public Box observationSpace() {
                        return new Box(new float[] {-100, 7}, new float[] {100, 7});
                    }

                    @Override
                    public Reset reset(@Nullable Long seed, Map<String, Object> options) {
                        return new Reset(new float[] {super.reset(seed, options).observation()[0], 7}, Map.of());
                    }

                    @Override
                    public Step step(Integer action) {
                        Step step = super.step(action);
                        return new Step(new float[] {step.observation()[0], 7}, -1, false, false, Map.of());
                    }
                },
                "element 1 of the observation space can only be 7.0");
    }

    private static void assertWarning(Supplier<Walk> maker, String warning) {
        assertThat(EnvironmentChecker.check(maker)).containsExactly(warning);
    }
}
