package org.rlhf4j.cli.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.CommandRun;

class ControlCommandsTest {
    private final Path directory;

    ControlCommandsTest(@TempDir Path directory) {
        this.directory = directory;
    }

    /** Four environments of 64 steps: two rollouts. */
    private CommandRun train(String run, Object... more) {
        List<Object> args = new ArrayList<>(List.of("control", "train", "--out", directory.resolve(run)));
        args.addAll(List.of("--set", "totalSteps=500", "--set", "numEnvs=4", "--set", "numSteps=64"));
        args.addAll(List.of("--set", "ppo.numMinibatches=4", "--set", "ppo.updateEpochs=2"));
        args.addAll(Arrays.asList(more));
        return CommandRun.of(args.toArray());
    }

    private CommandRun eval(String run, Object... more) {
        List<Object> args = new ArrayList<>(List.of("control", "eval", directory.resolve(run)));
        args.addAll(Arrays.asList(more));
        return CommandRun.of(args.toArray());
    }

    @Test
    void trainWritesARunDirectoryWithAPolicyThatEvalPlays() throws IOException {
        CommandRun trained = train("run", "--env", "CartPole-v1", "--seed", 5, "--json");
        assertThat(trained.code()).as(trained.err()).isZero();
        Path run = directory.resolve("run");
        assertThat(run.toFile().list())
                .containsExactlyInAnyOrder("config.yaml", "provenance.json", "run.lock", "metrics.jsonl", "policy");
        assertThat(trained.out())
                .startsWith(run.resolve("policy") + " after 512 steps: mean return ")
                .contains("episodes while exploring\n");
        assertThat(trained.json().path("steps").asInt()).isEqualTo(512);
        assertThat(trained.json().path("metrics").path("charts/episodic_return").asDouble())
                .isBetween(8.0, 80.0);
        assertThat(Files.readString(run.resolve("config.yaml")))
                .contains("env: CartPole-v1\nseed: 5\ntotalSteps: 500\nnumEnvs: 4", "exploration: null");
        assertThat(Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                        .map(line -> Json.parse(line).path("step").asInt()))
                .containsExactly(256, 512);
        assertThat(Files.readString(run.resolve("provenance.json"))).contains("\"--seed\"", "\"seed\": 5");

        CommandRun played = eval("run", "--episodes", 5, "--json");
        assertThat(played.code()).as(played.err()).isZero();
        JsonNode figures = played.json();
        assertThat(figures.path("env").asText()).isEqualTo("CartPole-v1");
        assertThat(figures.path("episodes").asInt()).isEqualTo(5);
        assertThat(figures.path("mean").asDouble())
                .isBetween(figures.path("min").asDouble(), figures.path("max").asDouble());
        assertThat(figures.path("threshold").asDouble()).isEqualTo(475);
        assertThat(played.out())
                .contains("episodes             5, seeds 1000000 to 1000004, most likely actions\n")
                .contains("threshold            475.0, not reached\n");
        assertThat(eval("run", "--episodes", 5).out()).isEqualTo(withoutLastLine(played.out()));
        CommandRun drawn = eval("run", "--episodes", 5, "--stochastic", "--seed", 7, "--json");
        assertThat(drawn.out()).contains("5, seeds 7 to 11, drawn actions");
        assertThat(drawn.json().path("mean").asDouble())
                .isNotEqualTo(figures.path("mean").asDouble());
    }

    private static String withoutLastLine(String text) {
        return text.substring(0, text.lastIndexOf('\n', text.length() - 2) + 1);
    }

    @Test
    void theWrittenSettingsRepeatTheRunToTheByte() throws IOException {
        assertThat(train("first", "--env", "Pendulum-v1", "--set", "policy.exploration.initialLogStd=-0.5")
                        .code())
                .isZero();
        Path config = directory.resolve("first/config.yaml");
        assertThat(Files.readString(config)).contains("type: gaussian\n    initialLogStd: -0.5");
        CommandRun again = CommandRun.of("control", "train", "--config", config, "--out", directory.resolve("again"));
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(Storage.sha256(directory.resolve("again/policy/policy.safetensors")))
                .isEqualTo(Storage.sha256(directory.resolve("first/policy/policy.safetensors")));
        assertThat(Files.readString(directory.resolve("again/metrics.jsonl")))
                .isEqualTo(Files.readString(directory.resolve("first/metrics.jsonl")));
        assertThat(eval("again", "--episodes", 2).out()).contains("threshold            none\n");
    }

    @Test
    void theFirstEpisodeIsDrawn() throws IOException {
        assertThat(train("run", "--env", "CartPole-v1").code()).isZero();
        Path gif = directory.resolve("episode.gif");
        CommandRun animation = eval("run", "--episodes", 2, "--render", gif);
        assertThat(animation.code()).as(animation.err()).isZero();
        assertThat(animation.err()).contains(gif + ": the episode of seed 1000000, ", " steps, every step");
        assertThat(new String(Files.readAllBytes(gif), 0, 6, StandardCharsets.US_ASCII))
                .isEqualTo("GIF89a");
        Path png = directory.resolve("episode.png");
        assertThat(eval("run", "--episodes", 1, "--render", png).code()).isZero();
        BufferedImage sheet = ImageIO.read(png.toFile());
        assertThat(sheet.getWidth()).isEqualTo(4 * 406 + 6);
        assertThat(animation.out())
                .as("being filmed changes nothing")
                .isEqualTo(eval("run", "--episodes", 2).out());
    }

    @Test
    void anEnvironmentOfTheUsersOwnIsTrainedIn() throws Exception {
        Path jar = PluginJar.in(directory);
        CommandRun trained = train(
                "run",
                "--env",
                "PressOne-v0",
                "--plugins",
                jar,
                "--steps",
                4096,
                "--set",
                "ppo.optimizer.learningRate=0.01");
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(Files.readString(directory.resolve("run/provenance.json"))).contains(Storage.sha256(jar));
        CommandRun played = eval("run", "--plugins", jar, "--episodes", 3, "--json");
        assertThat(played.json().path("mean").asDouble()).as(played.err()).isCloseTo(8, within(1e-9));
        assertThat(played.out()).contains("threshold            8.0, reached\n");

        CommandRun without = eval("run");
        assertThat(without.code()).isEqualTo(2);
        assertThat(without.err()).contains("unknown environment \"PressOne-v0\"", "needs --plugins JAR");
        CommandRun drawn = eval("run", "--plugins", jar, "--render", directory.resolve("a.png"));
        assertThat(drawn.code()).isEqualTo(2);
        assertThat(drawn.err()).contains("PressOne-v0 cannot be drawn: PressOne does not implement Drawable");
    }

    @Test
    void whatCannotBeEvaluatedIsRefusedInOneLine() throws IOException {
        CommandRun none = eval("absent");
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.err())
                .isEqualTo("rlhf control eval: " + directory.resolve("absent")
                        + " has no policy: name the RUN of an rlhf control train that has come to its end\n");
        refused(eval("run", "--episodes", 0), "--episodes 0: at least one");
        refused(eval("run", "--seed", -1), "--seed -1: a seed is not negative");
        refused(eval("run", "--render", "film.mp4"), "film.mp4: a picture ends in .gif (animation) or .png");
        Path nowhere = directory.resolve("nowhere/a.gif");
        CommandRun unwritable = eval("run", "--render", nowhere);
        assertThat(unwritable.code()).isEqualTo(1);
        assertThat(unwritable.err()).contains("--render " + nowhere + ": no such directory: ");
        Path folder = Files.createDirectory(directory.resolve("folder.gif"));
        assertThat(eval("run", "--render", folder).err()).contains("is a directory");
    }

    @Test
    void whatCannotBeTrainedIsRefusedWithTheNearestName() {
        refused(
                train("run", "--env", "CartPole-v0"),
                "unknown environment \"CartPole-v0\", did you mean \"CartPole-v1\"?");
        refused(train("run", "--env", "CartPole-v1", "--set", "numEnv=2"), "did you mean \"numEnvs\"?");
        refused(train("run", "--env", "CartPole-v1", "--steps", 0), "--steps", "must be at least 1");
        refused(train("run"), "env is required");
        CommandRun exploring = train(
                "run",
                "--env",
                "CartPole-v1",
                "--set",
                "policy.exploration.type=gaussian",
                "--set",
                "policy.exploration.initialLogStd=0");
        assertThat(exploring.code()).isEqualTo(1);
        assertThat(exploring.err()).contains("policy.exploration is for continuous actions");
        assertThat(directory.resolve("run")).doesNotExist();
    }

    private static void refused(CommandRun run, String... says) {
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains(says);
    }
}
