package org.rlhf4j.cli.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.cli.CommandRun;

class EnvsCommandTest {
    @Test
    void theEnvironmentsAreListedWithWhatMakesThemComparable() {
        CommandRun run = CommandRun.of("control", "envs", "--json");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("CartPole-v1                   500      475.0  Discrete(2)                      4 numbers\n")
                .contains("Pendulum-v1                   200       none  Box(-2.0, 2.0, (1,), float32)    3 numbers\n");
        JsonNode list = run.json().path("environments");
        assertThat(list.findValuesAsText("id"))
                .containsExactly(
                        "Acrobot-v1", "CartPole-v1", "MountainCar-v0", "MountainCarContinuous-v0", "Pendulum-v1");
        JsonNode pendulum = list.get(4);
        assertThat(pendulum.path("max_episode_steps").asInt()).isEqualTo(200);
        assertThat(pendulum.path("reward_threshold").isNull()).isTrue();
        assertThat(pendulum.path("action_space").asText()).isEqualTo("Box(-2.0, 2.0, (1,), float32)");
    }

    @Test
    void anEnvironmentOfTheUsersOwnIsListedToo(@TempDir Path directory) throws Exception {
        CommandRun run = CommandRun.of("control", "envs", "--plugins", PluginJar.in(directory));
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("PressOne-v0", "CartPole-v1");
    }

    @Test
    void aPluginThatIsNotThereOrNoJarIsRefused(@TempDir Path directory) throws IOException {
        CommandRun run = CommandRun.of("control", "envs", "--plugins", "absent.jar");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("--plugins absent.jar: no such file");
        Path text = Files.writeString(directory.resolve("text.jar"), "no JAR");
        CommandRun wrong = CommandRun.of("control", "envs", "--plugins", text);
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("text.jar cannot be read as a JAR: ");
    }
}
