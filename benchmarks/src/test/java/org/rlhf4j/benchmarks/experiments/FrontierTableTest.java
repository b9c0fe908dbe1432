package org.rlhf4j.benchmarks.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.benchmarks.experiments.Series.Point;

class FrontierTableTest {
    private static FrontierPoint point(String method, String settings, long seed, double reward, double kl) {
        return new FrontierPoint(method, settings, seed, "test", reward, 4.5, 2, kl, 12.25, 17.5);
    }

    @Test
    void aTableKnowsWhatWasRunWhenItIsOpenedAgain(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("frontier.csv");
        FrontierTable table = FrontierTable.open(file);
        table.add(point("dpo", "loss.beta=0.1", 1, 7.25, 2.1));
        table.add(point("ppo", "kl.coef=0.05 kl.target=4", 2, 7.5, 1.9));
        assertThat(Files.readAllLines(file))
                .containsExactly(
                        "method,settings,seed,prompts,true_reward,sft_true_reward,sft_deviation,kl,mean_tokens,seconds",
                        "dpo,loss.beta=0.1,1,test,7.2500,4.5000,2.0000,2.1000,12.25,17.5",
                        "ppo,kl.coef=0.05 kl.target=4,2,test,7.5000,4.5000,2.0000,1.9000,12.25,17.5");
        FrontierTable again = FrontierTable.open(file);
        assertThat(again.has("dpo", "loss.beta=0.1", 1, "test")).isTrue();
        assertThat(again.has("dpo", "loss.beta=0.1", 2, "test")).isFalse();
        assertThat(again.has("dpo", "loss.beta=0.1", 1, "validation")).isFalse();
        assertThat(again.has("ppo", "loss.beta=0.1", 1, "test")).isFalse();
        assertThat(again.has("ppo", "kl.coef=0.05 kl.target=4", 2, "test")).isTrue();
    }

    @Test
    void thePictureJoinsTheMeansOverSeedsInTheOrderOfDivergence(@TempDir Path directory) throws Exception {
        FrontierTable table = FrontierTable.open(directory.resolve("frontier.csv"));
        table.add(point("dpo", "loss.beta=0.1", 1, 7, 3));
        table.add(point("dpo", "loss.beta=0.5", 1, 6, 1));
        table.add(point("dpo", "loss.beta=0.1", 2, 8, 5));
        table.add(point("dpo", "loss.beta=0.5", 2, 6, 1));
        List<Series> series = table.picture("test").charts().get(0).series();
        assertThat(series).extracting(Series::name).containsExactly("DPO", "DPO", "SFT");
        assertThat(series.get(0).points()).hasSize(4);
        // Of 7 and 8: mean 7.5, standard error sqrt(0.5 / 2) = 0.5; of 3 and 5: mean 4, standard error 1.
        assertThat(series.get(1).points()).containsExactly(new Point(1, 6), new Point(4, 7.5, 1, 0.5));
        assertThat(series.get(2).points()).containsExactly(new Point(0, 4.5));
        assertThat(table.summary("test"))
                .hasSize(2)
                .first()
                .asString()
                .contains("dpo loss.beta=0.1", "2 seeds", "7.50");
        assertThatIllegalArgumentException().isThrownBy(() -> point("dpo", "a,b", 1, 1, 1));
    }

    @Test
    void aSweepIsOneRunForEachValue() {
        Sweep sweep = Sweep.of("ppo:kl.coef=0.05,0.1");
        assertThat(sweep.method()).isEqualTo("ppo");
        assertThat(sweep.runs(List.of("dpo:loss.nllCoef=0", "ppo:kl.target=4")))
                .containsExactly(List.of("kl.coef=0.05", "kl.target=4"), List.of("kl.coef=0.1", "kl.target=4"));
        for (String wrong : List.of("kl.coef=1", "ppo:kl.coef", "ppo:=1", "ppo:kl.coef=", "grpo:kl.coef=1")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Sweep.of(wrong))
                    .withMessageContaining(wrong)
                    .withMessageContaining("METHOD");
        }
    }
}
