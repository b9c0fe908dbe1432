package org.rlhf4j.control.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.EnvironmentSpec;
import org.rlhf4j.control.classic.CartPole;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Discrete;

class EnvironmentsTest {
    @TempDir
    private Path folder;

    @Test
    void theClassicEnvironmentsAreFoundWithTheirPublishedLimits() {
        assertThat(Environments.ids())
                .containsExactly(
                        "Acrobot-v1", "CartPole-v1", "MountainCar-v0", "MountainCarContinuous-v0", "Pendulum-v1");
        assertThat(Environments.ids().stream().map(id -> Environments.make(id).spec()))
                .containsExactly(
                        new EnvironmentSpec("Acrobot-v1", 500, -100.0),
                        new EnvironmentSpec("CartPole-v1", 500, 475.0),
                        new EnvironmentSpec("MountainCar-v0", 200, -110.0),
                        new EnvironmentSpec("MountainCarContinuous-v0", 999, 90.0),
                        new EnvironmentSpec("Pendulum-v1", 200, null));
        assertThat(Environments.make("CartPole-v1").unwrapped()).isInstanceOf(CartPole.class);
    }

    @Test
    void anUnknownIdIsAnsweredWithTheNearestOne() {
        assertThatThrownBy(() -> Environments.make("CartPole-v2"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "unknown environment \"CartPole-v2\", did you mean \"CartPole-v1\"? (known: Acrobot");
    }

    @Test
    void theTypeOfActionsIsChecked() {
        assertThatThrownBy(() -> Environments.make("CartPole-v1", float[].class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("CartPole-v1: an action is Integer of Discrete(2), not float[]");
        assertThatThrownBy(() -> Environments.make("Pendulum-v1", Integer.class))
                .hasMessage("Pendulum-v1: an action is float[] of Box(-2.0, 2.0, (1,), float32), not Integer");
    }

    @Test
    void aMadeEnvironmentKeepsItsLimitAndItsOrder() {
        Environment<float[]> environment = Environments.make("Pendulum-v1", float[].class);
        assertThatThrownBy(() -> environment.step(new float[1]))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Pendulum-v1: step before reset; call reset first");
        environment.reset(0);
        for (int t = 1; t < 200; t++) {
            assertThat(environment.step(new float[1]).done()).isFalse();
        }
        assertThat(environment.step(new float[1]).truncated()).isTrue();
        assertThatThrownBy(() -> environment.step(new float[1]))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Pendulum-v1: step after the end of the episode; call reset first");
        environment.reset();
        assertThat(environment.step(new float[1]).done()).isFalse();
    }

    @Test
    void aUsersEnvironmentIsOneClassAndOneLine() throws IOException {
        try (URLClassLoader loader = loaderWith(Corridor.class.getName())) {
            assertThat(Environments.ids(loader)).contains("Corridor-v0", "CartPole-v1");
            assertThat(Environments.make("Corridor-v0", loader).unwrapped()).isInstanceOf(Corridor.class);
        }
        assertThat(Environments.ids()).doesNotContain("Corridor-v0");
    }

    @Test
    void twoEnvironmentsOfOneIdAreRefused() throws IOException {
        try (URLClassLoader loader = loaderWith(SecondCartPole.class.getName())) {
            assertThatThrownBy(() -> Environments.ids(loader))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("two environments have the id CartPole-v1")
                    .hasMessageContaining(SecondCartPole.class.getName());
        }
    }

    @Test
    void anEnvironmentThatCannotBeLoadedIsNamed() throws IOException {
        try (URLClassLoader loader = loaderWith("org.example.Missing")) {
            assertThatThrownBy(() -> Environments.make("CartPole-v1", loader))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("an environment cannot be loaded")
                    .hasMessageContaining("org.example.Missing");
        }
    }

    private URLClassLoader loaderWith(String name) throws IOException {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(services.resolve(Environment.class.getName()), name + "\n");
        return new URLClassLoader(new URL[] {folder.toUri().toURL()}, Environment.class.getClassLoader());
    }

    /** A corridor of five places, as a user would write it. */
    public static class Corridor implements Environment<Integer> {
        private int place;

        @Override
        public EnvironmentSpec spec() {
            return new EnvironmentSpec("Corridor-v0", 20, null);
        }

        @Override
        public Box observationSpace() {
            return new Box(0, 4, 1);
        }

        @Override
        public Discrete actionSpace() {
            return new Discrete(2);
        }

        @Override
        public Reset reset(@Nullable Long seed, Map<String, Object> options) {
            place = 0;
            return new Reset(new float[] {place}, Map.of());
        }

        @Override
        public Step step(Integer action) {
            place = Math.max(0, place + 2 * action - 1);
            return new Step(new float[] {place}, -1, place == 4, false, Map.of());
        }
    }

    /** Another one with a taken id. */
    public static final class SecondCartPole extends Corridor {
        @Override
        public EnvironmentSpec spec() {
            return new EnvironmentSpec("CartPole-v1", null, null);
        }
    }
}
