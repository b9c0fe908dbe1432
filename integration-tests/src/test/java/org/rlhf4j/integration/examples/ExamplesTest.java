package org.rlhf4j.integration.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Storage;
import org.rlhf4j.control.check.EnvironmentChecker;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.core.train.OptimizerConfig;
import org.rlhf4j.core.train.TrainingConfig;
import org.rlhf4j.core.train.TrainingResult;
import org.rlhf4j.lm.ModelPreset;
import org.rlhf4j.lm.sft.SftEvaluation;
import org.rlhf4j.lm.text.ByteLevelTokenizer;
import org.rlhf4j.ppo.control.ControlConfig;
import org.rlhf4j.ppo.control.ControlResult;
import org.rlhf4j.ppo.text.PpoTextConfig;
import org.rlhf4j.ppo.text.PpoTextResult;
import org.rlhf4j.reward.RewardEvaluation;

class ExamplesTest {
    @TempDir
    private Path folder;

    private Path start;
    private Path rankings;

    @BeforeEach
    void files() throws IOException {
        start = folder.resolve("start");
        ModelPreset.TINY.create(Storage.disk(), start, ByteLevelTokenizer.files(ModelPreset.CONTEXT), 1);
        rankings = Files.writeString(folder.resolve("rankings.jsonl"), """
                {"prompt":"Name a tree.","completions":[{"text":"An oak.","rank":1},{"text":"A rock.","rank":2}]}
                {"prompt":"Name a bird.","completions":[{"text":"A cow.","rank":2},{"text":"A crow.","rank":1}]}
                """);
    }

    @Test
    void theExamplesTrainAModelAndScoreWithIt() throws IOException {
        RewardEvaluation fit = TrainExample.train(start, rankings, config(40, 2e-3), folder.resolve("model"));

        assertThat(fit.pairs()).isEqualTo(2);
        assertThat(fit.accuracy()).isEqualTo(1);
        assertThat(ScoreExample.best(folder.resolve("model"), "Name a tree.", List.of("A rock.", "An oak.")))
                .isEqualTo("An oak.");
        assertThat(ScoreExample.best(folder.resolve("model"), "Name a bird.", List.of("A crow.", "A cow.")))
                .isEqualTo("A crow.");
    }

    @Test
    void theExampleAlignsAModel() throws IOException {
        TrainingResult result = AlignExample.align(start, rankings, config(20, 1e-3), folder.resolve("model"));

        assertThat(result.metrics().get("rewards/margins")).isGreaterThan(0.1);
        assertThat(folder.resolve("model/model.safetensors")).exists();
    }

    @Test
    void theExampleFineTunesALanguageModel() throws IOException {
        SftEvaluation fit = FineTuneExample.train(start, rankings, config(60, 5e-3), folder.resolve("model"));

        assertThat(fit.tokens()).as("An oak. and A crow., with their ends").isEqualTo(16);
        assertThat(fit.tokenAccuracy()).isEqualTo(1);
        assertThat(fit.loss()).isLessThan(0.1);
    }

    @Test
    void theExampleLearnsInAnEnvironmentOfOnesOwn() throws IOException {
        assertThat(EnvironmentChecker.check(Homing::new)).isEmpty();
        ControlConfig config = ConfigReader.of(ControlConfig.defaults("Homing-v0"))
                .overrides(List.of("numEnvs=8", "numSteps=32", "totalSteps=2048"))
                .overrides(List.of("ppo.numMinibatches=4", "ppo.optimizer.learningRate=3e-3"))
                .read();
        ControlResult<Integer> result = ControlExample.train(config, folder.resolve("policy"));

        assertThat(result.steps()).isEqualTo(2048);
        for (long seed = 1_000_000; seed < 1_000_020; seed++) {
            // From 1 away it takes 5 strides to be within half a stride of 0.
            assertThat(ControlExample.play(folder.resolve("policy"), seed)).isLessThanOrEqualTo(5);
        }
    }

    @Test
    void theExampleLearnsWhatALambdaRewards() throws IOException {
        PpoTextConfig config = ConfigReader.of(PpoTextConfig.DEFAULT)
                .overrides(List.of("totalEpisodes=1920", "maxNewTokens=8", "ppo.microBatchSize=0"))
                .overrides(List.of("ppo.optimizer.learningRate=3e-3"))
                .read();
        List<String> prompts = List.of("Name a tree.", "Name a bird.");
        PpoTextResult result = PpoExample.train(start, prompts, config, folder.resolve("model"));

        assertThat(result.episodes()).isEqualTo(1920);
        // A fresh model draws from 259 tokens of which 52 are letters, so that 1.6 of 8 are.
        assertThat(result.metrics().get("objective/raw_scores")).isGreaterThan(4);
        assertThat(result.metrics()).containsKeys("eval_scores", "eval_kl");
        assertThat(folder.resolve("model/model.safetensors")).exists();
    }

    private static TrainingConfig config(int steps, double learningRate) {
        return new TrainingConfig(1, steps, 2, 2, true, false, 1, 10, 0, null, OptimizerConfig.defaults(learningRate));
    }
}
