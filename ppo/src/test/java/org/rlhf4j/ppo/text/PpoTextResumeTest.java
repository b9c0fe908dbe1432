package org.rlhf4j.ppo.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.core.checkpoint.CheckpointHook;
import org.rlhf4j.core.safetensors.SafetensorsFile;
import org.rlhf4j.core.safetensors.TensorInfo;
import org.rlhf4j.lm.lora.LoraConfig;
import org.rlhf4j.ppo.Checkpoints;
import org.rlhf4j.ppo.KlEstimator;

/** A run that was broken off and goes on ends as if it had not been. */
class PpoTextResumeTest {
    private static final int ROLLOUTS = 4;

    private static final Map<String, Consumer<TextRuns>> SETTINGS = new TreeMap<>(Map.of(
            "as it is",
            run -> {},
            "a KL penalty in the loss, steered to a target",
            run -> run.kl = TextRuns.kl(KlConfig.Placement.LOSS, KlEstimator.K3, 0.05, 0.02),
            "a KL penalty in the reward, steered to a target, whitened",
            run -> {
                run.kl = TextRuns.kl(KlConfig.Placement.REWARD, KlEstimator.K1, 0.05, 0.02);
                run.whiten = true;
            },
            "a critic on the policy, running normalisation",
            run -> {
                run.critic = new CriticConfig(CriticConfig.Start.HEAD, 1e-3, 0);
                run.score = normalized(ScoreConfig.Normalization.RUNNING);
            },
            "a reward model for a critic that warms up, normalisation by the first rollout",
            run -> {
                run.critic = new CriticConfig(CriticConfig.Start.REWARD, null, 2);
                run.score = normalized(ScoreConfig.Normalization.FIRST);
            },
            "an adapter with a critic beside it",
            run -> run.lora = new LoraConfig(2, 4, 0, List.of(LoraConfig.ALL_LINEAR), false, false),
            "an adapter with a head for a critic, and passes cut in micro-batches",
            run -> {
                run.lora = new LoraConfig(2, 4, 0, List.of("q_proj", "down_proj"), true, true);
                run.critic = new CriticConfig(CriticConfig.Start.HEAD, null, 1);
                run.microBatch = 3;
            },
            "a guard that warns and stops with the weights of its start",
            run -> run.guard = new GuardConfig(null, 100.0, 1.01, null, null, 3),
            "a guard that goes back to good weights",
            run -> {
                run.guard = new GuardConfig(0.5, null, null, null, null, 2);
                run.rollouts = 12;
            }));

    @TempDir
    private Path folder;

    private TextRuns run;

    private static ScoreConfig normalized(ScoreConfig.Normalization normalization) {
        return new ScoreConfig(ScoreConfig.FailurePolicy.ERROR, null, 0, normalization, 2.0, 0.1);
    }

    private static List<String> settings() {
        return List.copyOf(SETTINGS.keySet());
    }

    @BeforeEach
    void aSmallRun() {
        run = new TextRuns(folder);
        run.rollouts = ROLLOUTS;
        run.sampleSteps = 1;
        run.evalSteps = 2;
        run.heldOut = List.of(Content.of("bcd"));
    }

    private TextRuns.Trained trainedFrom(CheckpointHook checkpoints) {
        run.checkpoints = checkpoints;
        return run.train();
    }

    private static <T> List<T> last(List<T> all, List<T> like) {
        return all.subList(all.size() - like.size(), all.size());
    }

    private static void assertEndsAs(TextRuns.Trained rest, TextRuns.Trained whole) {
        List<Map<String, float[]>> policies = last(whole.policy(), rest.policy());
        List<Map<String, float[]>> critics = last(whole.critic(), rest.critic());
        for (int i = 0; i < rest.policy().size(); i++) {
            TextRuns.assertSameBytes(rest.policy().get(i), policies.get(i));
            TextRuns.assertSameBytes(rest.critic().get(i), critics.get(i));
        }
        TextRuns.assertSameBytes(rest.end(), whole.end());
        assertThat(rest.metrics()).isEqualTo(last(whole.metrics(), rest.metrics()));
        assertThat(rest.samples()).isEqualTo(last(whole.samples(), rest.samples()));
        assertThat(rest.warnings()).isEqualTo(last(whole.warnings(), rest.warnings()));
        assertThat(timeless(rest.result())).isEqualTo(timeless(whole.result()));
    }

    private static PpoTextResult timeless(PpoTextResult result) {
        return new PpoTextResult(
                result.rollouts(),
                result.episodes(),
                result.tokens(),
                TextRuns.withoutTheClock(result.metrics()),
                result.interrupted(),
                result.stopped(),
                result.keptStep());
    }

    @ParameterizedTest
    @MethodSource("settings")
    void goingOnFromAnyCheckpointGivesTheSameWeightsFiguresAndTexts(String settings) {
        Objects.requireNonNull(SETTINGS.get(settings)).accept(run);
        Checkpoints checkpoints = new Checkpoints(folder.resolve("run"));
        TextRuns.Trained whole = trainedFrom(checkpoints);
        long made = whole.result().rollouts();
        assertThat(checkpoints.steps())
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, made).boxed().toList());
        assertThat(whole.result().stopped() != null).isEqualTo(settings.startsWith("a guard"));
        if (settings.contains("goes back")) {
            assertThat(whole.result().keptStep()).isPositive();
        }
        for (long step = 1; step <= made; step++) {
            TextRuns.Trained rest = trainedFrom(checkpoints.from(step));
            assertThat(rest.metrics()).as("after %d rollouts", step).hasSize((int) (made - step));
            assertEndsAs(rest, whole);
        }
    }

    @Test
    void aRunThatIsStoppedAfterEveryRolloutEndsTheSame() {
        run.kl = TextRuns.kl(KlConfig.Placement.REWARD, KlEstimator.K1, 0.05, 0.02);
        TextRuns.Trained whole = run.train();
        CheckpointHook next = CheckpointHook.NONE;
        for (int step = 1; step < ROLLOUTS; step++) {
            Checkpoints own = new Checkpoints(folder.resolve("part-" + step));
            int[] asked = {0};
            run.stop = () -> asked[0]++ == 1;
            TextRuns.Trained part = trainedFrom(own.onwardFrom(next));
            assertThat(part.result().interrupted()).isTrue();
            assertThat(part.result().rollouts()).isEqualTo(step);
            next = own.from(step);
        }
        run.stop = () -> false;
        assertEndsAs(trainedFrom(next), whole);
    }

    /** The rollout is there and counted, and nothing has been learned from it. */
    @Test
    void anIterationThatBrokeOffBetweenRolloutAndUpdateIsMadeAgain() {
        run.score = normalized(ScoreConfig.Normalization.RUNNING);
        TextRuns.Trained whole = run.train();
        Checkpoints checkpoints = new Checkpoints(folder.resolve("run"));
        run.alsoHears = new PpoTextListener() {
            @Override
            public void samples(long step, List<Sample> samples) {
                if (step == 2) {
                    throw new IllegalStateException("the disk is full");
                }
            }
        };
        assertThatThrownBy(() -> trainedFrom(checkpoints)).hasMessage("the disk is full");
        assertThat(checkpoints.steps()).containsExactly(1L, 2L);
        run.alsoHears = PpoTextListener.NONE;
        TextRuns.Trained rest = trainedFrom(checkpoints.from(2));
        assertThat(rest.samples()).hasSize(2);
        assertEndsAs(rest, whole);
    }

    @Test
    void anIterationWhoseRewardFailedIsMadeAgain() {
        TextRuns.Trained whole = run.train();
        Checkpoints checkpoints = new Checkpoints(folder.resolve("run"));
        int[] calls = {0};
        run.heldOut = List.of();
        run.scorer = (prompt, completion) -> {
            if (calls[0]++ >= 2 * TextRuns.ROLLOUT + 3) {
                throw new IllegalStateException("no connection");
            }
            return TextRuns.LIKES_A.score(prompt, completion);
        };
        assertThatThrownBy(() -> trainedFrom(checkpoints))
                .isInstanceOf(RewardException.class)
                .hasMessageContaining("no connection");
        assertThat(checkpoints.steps()).containsExactly(1L, 2L);
        run.scorer = TextRuns.LIKES_A;
        run.heldOut = List.of(Content.of("bcd"));
        assertEndsAs(trainedFrom(checkpoints.from(2)), whole);
    }

    @Test
    void aRunThatIsDoneAsksNobodyAnything() {
        Checkpoints checkpoints = new Checkpoints(folder.resolve("run"));
        TextRuns.Trained whole = trainedFrom(checkpoints);
        run.scorer = (prompt, completion) -> {
            throw new IllegalStateException("asked");
        };
        TextRuns.Trained again = trainedFrom(checkpoints.from(ROLLOUTS));
        assertThat(again.metrics()).isEmpty();
        assertEndsAs(again, whole);
    }

    @Test
    void onlyWhatIsTrainedIsInACheckpointAndThatOfAnotherRunIsRefused() {
        run.rollouts = 1;
        Checkpoints plain = new Checkpoints(folder.resolve("plain"));
        trainedFrom(plain);
        CheckpointHook whole = plain.from(1);
        run.lora = new LoraConfig(2, 4, 0, List.of("q_proj"), false, false);
        Checkpoints adapted = new Checkpoints(folder.resolve("adapted"));
        trainedFrom(adapted);
        Path weights = folder.resolve("adapted/step-000001/model-policy-weights.safetensors");
        try (SafetensorsFile file = SafetensorsFile.open(weights)) {
            assertThat(file.tensors()).extracting(TensorInfo::name).hasSize(2).allMatch(name -> name.contains("lora_"));
        }
        run.rollouts = 2;
        assertThatThrownBy(() -> trainedFrom(whole))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("model-policy-weights.safetensors: holds \"");
        run.lora = null;
        CheckpointHook adapter = adapted.from(1);
        assertThatThrownBy(() -> trainedFrom(adapter))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("model-policy-weights.safetensors: ");
    }
}
