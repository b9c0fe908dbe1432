package org.rlhf4j.ppo.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.base.Storage;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.registry.Environments;
import org.rlhf4j.control.wrap.RunningStatistics;
import org.rlhf4j.core.config.ConfigReader;

class ControlPolicyTest {
    @TempDir
    Path folder;

    private static ControlPolicy<float[]> trained(String... settings) {
        ControlConfig config = ConfigReader.of(ControlConfig.defaults("Pendulum-v1"))
                .overrides(List.of("numSteps=64", "totalSteps=64", "ppo.numMinibatches=2", "ppo.updateEpochs=1"))
                .overrides(List.of(settings))
                .read();
        return new ControlTrainer<>(config, ControlPolicyTest::pendulum).train().policy();
    }

    private static Environment<float[]> pendulum() {
        return Environments.make("Pendulum-v1", float[].class);
    }

    @Test
    void whatIsSavedActsTheSame() throws IOException {
        for (String exploration : List.of("gaussian", "state-dependent")) {
            ControlPolicy<float[]> policy = trained(
                    "normalizeObservations=true",
                    "policy.exploration.type=" + exploration,
                    "policy.exploration.initialLogStd=-0.5",
                    exploration.equals("gaussian") ? "seed=1" : "policy.exploration.sampleFrequency=4");
            Path saved = folder.resolve(exploration);
            policy.save(Storage.disk(), saved);
            assertThat(ControlPolicy.environmentOf(saved)).isEqualTo("Pendulum-v1");
            ControlPolicy<float[]> opened = ControlPolicy.open(saved, pendulum());
            SeededStream stream = SeededStream.of(8);
            for (int i = 0; i < 20; i++) {
                float[] seen = {(float) stream.nextGaussian(), (float) stream.nextGaussian(), 5};
                assertThat(opened.act(seen)).isEqualTo(policy.act(seen));
                assertThat(opened.sample(seen, stream.child(i))).isEqualTo(policy.sample(seen, stream.child(i)));
            }
            ControlEvaluation evaluation = ControlEvaluation.deterministic(policy, pendulum(), 3, 70);
            assertThat(ControlEvaluation.deterministic(opened, pendulum(), 3, 70))
                    .isEqualTo(evaluation);
        }
    }

    @Test
    void actionsStayWithinTheBoundsOfTheEnvironment() {
        ControlPolicy<float[]> wild = trained("policy.exploration.type=gaussian", "policy.exploration.initialLogStd=4");
        SeededStream stream = SeededStream.of(8);
        float[] largest = new float[1];
        for (int i = 0; i < 50; i++) {
            largest[0] = Math.max(largest[0], Math.abs(wild.sample(new float[3], stream.child(i))[0]));
        }
        assertThat(largest[0]).isEqualTo(2);
    }

    @Test
    void observationsAreNormalisedAsInTraining() {
        ControlPolicy<float[]> policy = trained("normalizeObservations=true");
        // 64 steps and the first observation, on top of the count that statistics start with.
        assertThat(policy.statistics())
                .extracting(RunningStatistics.State::count)
                .asInstanceOf(InstanceOfAssertFactories.DOUBLE)
                .isCloseTo(65.0001, within(1e-9));
        assertThat(trained().statistics()).isNull();
    }

    @Test
    void whatItSeesIsNormalised() {
        ControlPolicy<float[]> policy = trained("normalizeObservations=true");
        RunningStatistics statistics = new RunningStatistics(Objects.requireNonNull(policy.statistics()));
        ControlPolicy<float[]> plain = new ControlPolicy<>(
                policy.env(), policy.observationSpace(), policy.actionSpace(), policy.config(), null, policy.weights());
        float[] seen = {0.9f, -0.3f, 4};
        assertThat(policy.act(seen)).isEqualTo(plain.act(statistics.normalized(seen, 1e-8, 10)));
        assertThat(policy.act(seen)).isNotEqualTo(plain.act(seen));
    }

    @Test
    void anObservationOfAnotherSizeIsRefused() {
        ControlPolicy<float[]> policy = trained();
        assertThatThrownBy(() -> policy.act(new float[2]))
                .hasMessage("an observation of 2 numbers for a network of 3 inputs");
    }

    @Test
    void aPolicyOfOtherSpacesIsRefused() throws IOException {
        Path saved = folder.resolve("policy");
        trained().save(Storage.disk(), saved);
        Environment<Integer> cartPole = Environments.make("CartPole-v1", Integer.class);
        assertThatThrownBy(() -> ControlPolicy.open(saved, cartPole))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("policy.json")
                .hasMessageContaining("observation_space")
                .hasMessageContaining("but the environment has");
    }

    @Test
    void brokenFilesAreNamed() throws IOException {
        Path saved = folder.resolve("policy");
        assertThatThrownBy(() -> ControlPolicy.environmentOf(saved))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("policy.json");
        trained().save(Storage.disk(), saved);
        Path json = saved.resolve("policy.json");
        String text = Files.readString(json);

        Files.writeString(json, text.replace("rlhf4j-control-policy-1", "rlhf4j-control-policy-9"));
        assertThatThrownBy(() -> ControlPolicy.open(saved, pendulum()))
                .hasMessageContaining("\"format\" is \"rlhf4j-control-policy-9\"");

        Files.writeString(json, text.replaceFirst("64", "32"));
        assertThatThrownBy(() -> ControlPolicy.open(saved, pendulum()))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("weight actor.0.weight has the shape (64, 3), expected (32, 3)");

        Files.writeString(
                json,
                text.replaceFirst(
                        "\\}\\s*$",
                        ", \"observation_statistics\": {\"mean\": [\"x\", 1, 2],"
                                + " \"variance\": [1, 1, 1], \"count\": 1}}"));
        assertThatThrownBy(() -> ControlPolicy.open(saved, pendulum()))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("is not 3 numbers, one for each of an observation");

        Files.writeString(json, text);
        Files.write(saved.resolve("policy.safetensors"), new byte[] {1, 2, 3});
        assertThatThrownBy(() -> ControlPolicy.open(saved, pendulum()))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("policy.safetensors");
    }

    @Test
    void anEvaluationHasTheFiguresOfItsEpisodes() {
        ControlEvaluation evaluation = new ControlEvaluation(List.of(1.0, 2.0, 6.0), List.of(10, 20, 60));
        assertThat(evaluation.mean()).isEqualTo(3);
        assertThat(evaluation.std()).isCloseTo(Math.sqrt(14 / 3.0), within(1e-12));
        assertThat(evaluation.min()).isEqualTo(1);
        assertThat(evaluation.max()).isEqualTo(6);
        assertThat(evaluation.meanLength()).isEqualTo(30);
        assertThatThrownBy(() -> ControlEvaluation.deterministic(trained(), pendulum(), 0, 1))
                .hasMessageContaining("episodes");
    }
}
