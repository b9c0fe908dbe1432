package org.rlhf4j.cli.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.CommandRun;

/** {@code rlhf control train --resume}. */
final class ControlResumeCommandTest {
    private final Path directory;
    private final Path run;

    ControlResumeCommandTest(@TempDir Path directory) {
        this.directory = directory;
        this.run = directory.resolve("run");
    }

    /** Five rollouts of 192 steps; checkpoints after the second, the fourth and the fifth. */
    private CommandRun train(Path out, Object... more) {
        List<Object> args = new ArrayList<>(List.of("control", "train", "--out", out, "--checkpoint-steps", 300));
        List<String> settings = List.of(
                "totalSteps=960",
                "numEnvs=3",
                "numSteps=64",
                "ppo.numMinibatches=4",
                "ppo.updateEpochs=2",
                "normalizeObservations=true",
                "normalizeRewards=true");
        for (String setting : settings) {
            args.addAll(List.of("--set", setting));
        }
        args.addAll(List.of(more));
        return CommandRun.of(args.toArray());
    }

    private void assertSameRun(Path one, Path other) {
        for (String file : List.of("policy/policy.safetensors", "policy/policy.json", "metrics.jsonl")) {
            assertThat(one.resolve(file)).hasSameBinaryContentAs(other.resolve(file));
        }
    }

    private List<String> checkpoints() throws IOException {
        try (Stream<Path> all = Files.list(run.resolve("checkpoints"))) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"CartPole-v1", "Pendulum-v1"})
    void aRunThatWasKilledEndsAsIfNothingHadHappened(String env) throws IOException {
        Path whole = directory.resolve("whole");
        CommandRun trained = train(whole, "--env", env);
        assertThat(trained.code()).as(trained.err()).isZero();

        assertThat(train(run, "--env", env).code()).isZero();
        assertThat(checkpoints()).containsExactly("step-000768", "step-000960");
        // Killed in the fifth rollout, when there was a line of it already.
        Storage.disk().deleteTree(run.resolve("policy"));
        Storage.disk().deleteTree(run.resolve("checkpoints/step-000960"));
        CommandRun resumed = CommandRun.of("control", "train", "--resume", "--out", run);
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.err()).contains("going on from " + run.resolve("checkpoints/step-000768"));
        assertSameRun(run, whole);

        CommandRun again = CommandRun.of("control", "train", "--resume", "--out", run);
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(again.out())
                .isEqualTo("nothing left to do: the run has ended, its result is " + run.resolve("policy") + "\n");
        CommandRun other = train(run, "--resume", "--env", "Acrobot-v1");
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.err()).contains("env was " + env + ", is Acrobot-v1");
    }

    @Test
    void aRunThatWasInterruptedGoesOn() throws InterruptedException, IOException {
        CommandRun[] interrupted = new CommandRun[1];
        Object[] longer = {"--env", "CartPole-v1", "--steps", 4_000};
        Thread thread = new Thread(() -> interrupted[0] = train(run, longer));
        thread.start();
        while (!Files.exists(run.resolve("checkpoints"))) {
            Thread.sleep(5);
        }
        thread.interrupt();
        thread.join();
        assertThat(interrupted[0].code()).as(interrupted[0].err()).isEqualTo(130);
        assertThat(interrupted[0].out())
                .matches("(?s)interrupted after \\d+ steps; go on with: rlhf control train --resume --out .*");
        assertThat(run.resolve("policy")).doesNotExist();
        CommandRun resumed = CommandRun.of("control", "train", "--resume", "--out", run);
        assertThat(resumed.code()).as(resumed.err()).isZero();
        Path whole = directory.resolve("whole");
        assertThat(train(whole, longer).code()).isZero();
        assertSameRun(run, whole);
    }

    @Test
    void aUsersEnvironmentThatIsNotSavedIsSaidToBeginAnew() throws IOException, URISyntaxException {
        Path jar = PluginJar.in(directory);
        CommandRun trained = train(run, "--env", "PressOne-v0", "--plugins", jar);
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(trained.err())
                .containsOnlyOnce(
                        "PressOne-v0 does not say how it is saved: a run that is resumed begins its episodes anew");
        Storage.disk().deleteTree(run.resolve("policy"));
        Storage.disk().deleteTree(run.resolve("checkpoints/step-000960"));
        CommandRun resumed = CommandRun.of("control", "train", "--resume", "--out", run, "--plugins", jar);
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.err()).contains("PressOne-v0 was not saved: its episodes begin anew, so the result differs");
        assertThat(Files.readAllLines(run.resolve("metrics.jsonl"))).hasSize(5);
    }
}
