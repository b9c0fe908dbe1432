package org.rlhf4j.control.classic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the environments do not accept, and what they do with the rest. */
class ClassicRefusalsTest {
    @Test
    void actionsWithoutMeaningAreRefused() {
        CartPole cartPole = new CartPole();
        cartPole.reset(0);
        refused(() -> cartPole.step(2), "CartPole-v1: action 2 is not in Discrete(2)");
        refused(() -> cartPole.step(-1), "CartPole-v1: action -1 is not in Discrete(2)");
        MountainCar mountainCar = new MountainCar();
        mountainCar.reset(0);
        refused(() -> mountainCar.step(3), "MountainCar-v0: action 3 is not in Discrete(3)");
        Acrobot acrobot = new Acrobot();
        acrobot.reset(0);
        refused(() -> acrobot.step(-1), "Acrobot-v1: action -1 is not in Discrete(3)");
        Pendulum pendulum = new Pendulum();
        pendulum.reset(0);
        refused(
                () -> pendulum.step(new float[] {Float.NaN}),
                "Pendulum-v1: action [NaN] is not one finite number, as of Box(-2.0, 2.0, (1,), float32)");
        MountainCarContinuous continuous = new MountainCarContinuous();
        continuous.reset(0);
        refused(
                () -> continuous.step(new float[2]),
                "MountainCarContinuous-v0: action [0.0, 0.0] is not one finite number, as of Box(-1.0, 1.0, (1,), float32)");
    }

    @Test
    void aRefusedActionChangesNothing() {
        CartPole one = new CartPole();
        CartPole other = new CartPole();
        one.reset(3);
        other.reset(3);
        assertThatThrownBy(() -> one.step(7)).isInstanceOf(IllegalArgumentException.class);
        assertThat(one.step(1).observation()).containsExactly(other.step(1).observation());
    }

    @Test
    void optionsWithoutMeaningAreRefused() {
        CartPole cartPole = new CartPole();
        refused(
                () -> cartPole.reset(null, Map.of("lo", 0.1)),
                "CartPole-v1: unknown option \"lo\", did you mean \"low\"? (known: low, high)");
        refused(
                () -> cartPole.reset(null, Map.of("low", 1)),
                "CartPole-v1: option low (1.0) must not be above high (0.05)");
        refused(
                () -> new Acrobot().reset(null, Map.of("low", "x")),
                "Acrobot-v1: option low must be a finite number, not x");
        refused(
                () -> new MountainCar().reset(null, Map.of("high", Double.POSITIVE_INFINITY)),
                "MountainCar-v0: option high must be a finite number, not Infinity");
        Pendulum pendulum = new Pendulum();
        refused(
                () -> pendulum.reset(null, Map.of("low", 1)),
                "Pendulum-v1: unknown option \"low\" (known: x_init, y_init)");
        refused(
                () -> pendulum.reset(null, Map.of("x_init", -1)),
                "Pendulum-v1: option x_init must not be negative, but is -1.0");
    }

    @Test
    void negativeSeedsAreRefused() {
        refused(() -> new CartPole().reset(-1), "a seed must be 0 or greater, not -1");
    }

    @Test
    void aStepWantsAReset() {
        assertThatThrownBy(() -> new Pendulum().step(new float[1]))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Pendulum-v1: step before reset; call reset first");
        assertThatThrownBy(() -> new Acrobot().step(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new CartPole().step(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new MountainCar().step(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new MountainCarContinuous().step(new float[1]))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void onlyTheFirstFallOfTheBareCartPoleIsRewarded() {
        CartPole cartPole = new CartPole();
        cartPole.reset(0L, Map.of("low", 0.3, "high", 0.3));
        assertThat(cartPole.step(1).reward()).isEqualTo(1);
        assertThat(cartPole.step(1).reward()).isZero();
        cartPole.reset(0L, Map.of("low", 0.3, "high", 0.3));
        assertThat(cartPole.step(1).reward()).isEqualTo(1);
    }

    @Test
    void observationsBelongToTheCaller() {
        MountainCarContinuous environment = new MountainCarContinuous();
        environment.reset(0).observation()[0] = 9;
        float[] first = environment.step(new float[] {1}).observation();
        float[] copy = first.clone();
        environment.step(new float[] {1}).observation()[1] = 9;
        assertThat(first).containsExactly(copy);
    }

    private static void refused(Runnable action, String message) {
        assertThatThrownBy(action::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
