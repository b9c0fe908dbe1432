package org.rlhf4j.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The proof that it learns, over seeds; its table is that of docs/EXPERIMENTS.md. */
@Tag("slow")
class LearningTest {
    private static final int SEEDS = 3;

    @Test
    void theMeanOfThreeSeedsComesNearTheNoiseCeiling(@TempDir Path folder) {
        List<QuickstartRun> runs = new ArrayList<>();
        StringBuilder table = new StringBuilder("\n| seed | accuracy | ceiling | shortcut | Spearman | ECE | pairs |"
                + " seconds |\n|---|---|---|---|---|---|---|---|\n");
        for (int seed = 1; seed <= SEEDS; seed++) {
            QuickstartRun run = QuickstartRun.of(folder.resolve("seed-" + seed), seed);
            assertThat(run.code()).as(run.err()).isZero();
            assertThat(run.figure("n")).isGreaterThanOrEqualTo(2000);
            double seconds = 0;
            for (var step : run.json().path("seconds")) {
                seconds += step.doubleValue();
            }
            table.append(String.format(
                    Locale.ROOT,
                    "| %d | %.4f | %.4f | %.4f | %.4f | %.4f | %.0f | %.0f |%n",
                    seed,
                    run.figure("accuracy"),
                    run.figure("ceiling"),
                    run.figure("shortcut_accuracy"),
                    run.figure("spearman"),
                    run.figure("ece"),
                    run.figure("n"),
                    seconds));
            runs.add(run);
        }
        table.append(String.format(
                Locale.ROOT,
                "| mean | %.4f | %.4f | %.4f | %.4f | %.4f | | |%n",
                mean(runs, "accuracy"),
                mean(runs, "ceiling"),
                mean(runs, "shortcut_accuracy"),
                mean(runs, "spearman"),
                mean(runs, "ece")));
        System.getLogger(LearningTest.class.getName()).log(System.Logger.Level.INFO, table.toString());

        assertThat(mean(runs, "accuracy")).isGreaterThanOrEqualTo(mean(runs, "ceiling") - 0.03);
        assertThat(mean(runs, "spearman")).isGreaterThan(0.9);
        assertThat(mean(runs, "shortcut_accuracy")).isLessThanOrEqualTo(mean(runs, "accuracy") - 0.10);
    }

    private static double mean(List<QuickstartRun> runs, String figure) {
        return runs.stream().mapToDouble(run -> run.figure(figure)).average().orElseThrow();
    }
}
