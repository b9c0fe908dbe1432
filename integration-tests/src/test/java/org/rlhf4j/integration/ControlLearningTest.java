package org.rlhf4j.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The recipes reach published returns, over seeds; the tables are those of docs/EXPERIMENTS.md.
 *
 * <p>Seeds are a thousand apart, so that no two runs share the start of an environment: the environments of a run start from its
 * seed and the numbers after it. The policy at the end of each run plays 100 episodes from the seeds 1,000,000 to 1,000,099, its
 * most likely action at each step.
 */
@Tag("slow")
class ControlLearningTest {
    private static final List<Long> SEEDS = List.of(1000L, 2000L, 3000L, 4000L, 5000L);

    @TempDir
    Path folder;

    @Test
    void cartPole() {
        List<Double> means = means("cartpole", 100_000);
        assertThat(mean(means)).isGreaterThanOrEqualTo(495);
        assertThat(means).allMatch(mean -> mean >= 475);
    }

    @Test
    void acrobot() {
        assertThat(mean(means("acrobot", 200_000))).isGreaterThanOrEqualTo(-84);
    }

    @Test
    void mountainCar() {
        assertThat(mean(means("mountaincar", 300_000))).isGreaterThanOrEqualTo(-106);
    }

    @Test
    void mountainCarContinuous() {
        assertThat(mean(means("mountaincar-continuous", 100_000))).isGreaterThanOrEqualTo(93);
    }

    @Test
    void pendulum() {
        assertThat(mean(means("pendulum", 300_000))).isGreaterThanOrEqualTo(-165);
    }

    /** Mean return of each seed. */
    private List<Double> means(String recipe, long steps) {
        Path file =
                Path.of(System.getProperty("rlhf4j.root")).resolve("recipes").resolve(recipe + ".yaml");
        List<Double> means = new ArrayList<>();
        StringBuilder table =
                new StringBuilder("\n| " + recipe + " | mean | deviation | smallest | largest | seconds |\n");
        for (long seed : SEEDS) {
            String run = folder.resolve("seed-" + seed).toString();
            long begin = System.nanoTime();
            CommandRun trained = CommandRun.of(
                    "control",
                    "train",
                    "--config",
                    file.toString(),
                    "--seed",
                    Long.toString(seed),
                    "--out",
                    run,
                    "--json");
            double seconds = (System.nanoTime() - begin) * 1e-9;
            assertThat(trained.code()).as(trained.err()).isZero();
            // The last rollout is finished.
            assertThat(trained.figure("steps")).isBetween((double) steps, steps + 4096.0);
            CommandRun evaluated = CommandRun.of("control", "eval", run, "--json");
            assertThat(evaluated.code()).as(evaluated.err()).isZero();
            means.add(evaluated.figure("mean"));
            table.append(String.format(
                    Locale.ROOT,
                    "| seed %d | %.1f | %.1f | %.1f | %.1f | %.0f |%n",
                    seed,
                    evaluated.figure("mean"),
                    evaluated.figure("std"),
                    evaluated.figure("min"),
                    evaluated.figure("max"),
                    seconds));
        }
        table.append(String.format(Locale.ROOT, "| mean | %.1f |%n", mean(means)));
        System.getLogger(ControlLearningTest.class.getName()).log(System.Logger.Level.INFO, table.toString());
        return means;
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }
}
