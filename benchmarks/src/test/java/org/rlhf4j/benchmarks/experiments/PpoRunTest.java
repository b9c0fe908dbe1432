package org.rlhf4j.benchmarks.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.CompletionScorer;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.ModelPreset;
import org.rlhf4j.lm.text.ByteLevelTokenizer;
import org.rlhf4j.ppo.text.PpoTextConfig;
import org.rlhf4j.ppo.text.RewardSource;

class PpoRunTest {
    @Test
    void aRunIsKeptAndNotMadeAgain(@TempDir Path directory) throws Exception {
        Path start = directory.resolve("start");
        ModelPreset.TINY.create(Storage.disk(), start, ByteLevelTokenizer.files(ModelPreset.CONTEXT), 1);
        PpoTextConfig config = ConfigReader.of(PpoTextConfig.DEFAULT)
                .overrides(List.of("rolloutSize=4", "totalEpisodes=8", "maxNewTokens=6", "ppo.updateEpochs=1"))
                .read();
        PpoRun made = run(directory, start, config, (prompt, completion) -> completion.hashCode() % 7);
        assertThat(made.result().get("rollouts").intValue()).isEqualTo(2);
        assertThat(made.result().get("stopped").isNull()).isTrue();
        double[] lengths = made.figures("completions/mean_length");
        assertThat(lengths).hasSize(2);
        assertThat(Arrays.stream(lengths)).allMatch(length -> length > 0 && length <= 6);
        assertThat(made.last("completions/mean_length", 10)).isEqualTo((lengths[0] + lengths[1]) / 2);
        assertThat(made.last("completions/mean_length", 1)).isEqualTo(lengths[1]);
        assertThat(made.figures("scores/watched")).containsExactly(2.5, 2.5);
        LanguageModel.open(made.model()).close();

        PpoRun again = run(directory, start, config, (prompt, completion) -> {
            throw new AssertionError("nothing is to be scored");
        });
        assertThat(again.figures("objective/raw_scores")).isEqualTo(made.figures("objective/raw_scores"));
        assertThat(again.result()).isEqualTo(made.result());
    }

    private static PpoRun run(Path directory, Path start, PpoTextConfig config, CompletionScorer scorer)
            throws Exception {
        PrintStream out = new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);
        List<RewardSource> rewards =
                List.of(new RewardSource("earned", scorer, 1), new RewardSource("watched", (p, c) -> 2.5, 0));
        PpoRun.Task task = new PpoRun.Task(start, rewards, List.of(Content.of("My"), Content.of("So")), config);
        return PpoRun.of(directory.resolve("run"), task, new Terminal(InputStream.nullInputStream(), out, out, false));
    }
}
