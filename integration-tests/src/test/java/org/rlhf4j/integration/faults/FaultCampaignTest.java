package org.rlhf4j.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.integration.faults.KilledRun.Aim;
import org.rlhf4j.integration.faults.KilledRun.Hit;

/**
 * {@code kill -9} at hundreds of random moments of runs of each trainer: each run goes on after each kill, and ends to the
 * bit as one that nobody killed. {@code -Drlhf4j.kills=N} and {@code -Drlhf4j.trainers=sft,dpo} make it smaller,
 * {@code -Drlhf4j.seed=N} aims elsewhere.
 */
@Tag("slow")
class FaultCampaignTest {
    private static final int KILLS = Integer.getInteger("rlhf4j.kills", 210);
    private static final String TRAINERS = System.getProperty("rlhf4j.trainers", "sft,reward,dpo,ppo,control");
    private static final int KILLS_OF_A_RUN = 10;

    @TempDir
    private Path directory;

    private final List<String> differences = new ArrayList<>();

    /** The figures of one trainer. */
    private static final class Tally {
        private final Map<Hit, Integer> hits = new EnumMap<>(Hit.class);
        private int runs;
        private int kills;
        private int differences;
        private int unreadable;
        private int stepsLost;

        void add(Tally other) {
            other.hits.forEach((hit, count) -> hits.merge(hit, count, Integer::sum));
            runs += other.runs;
            kills += other.kills;
            differences += other.differences;
            unreadable += other.unreadable;
            stepsLost += other.stepsLost;
        }

        int hits(Hit hit) {
            return hits.getOrDefault(hit, 0);
        }

        String row(String name) {
            StringJoiner row = new StringJoiner(" | ", "| ", " |");
            row.add(name).add(Integer.toString(runs)).add(Integer.toString(kills));
            for (Hit hit : List.of(Hit.CHECKPOINT_WRITE, Hit.CHECKPOINT_DELETION, Hit.RESULT, Hit.OTHER)) {
                row.add(Integer.toString(hits(hit)));
            }
            row.add(Integer.toString(unreadable)).add(Integer.toString(stepsLost));
            return row.add(Integer.toString(differences)).toString();
        }
    }

    @Test
    void killedRunsEndAsIfNothingHadHappened(TestReporter reporter) throws Exception {
        long seed = Long.getLong("rlhf4j.seed", 1);
        List<String> names = List.of(TRAINERS.split(","));
        List<TinyTraining> trainings = TinyTraining.all(directory).stream()
                .filter(training -> names.contains(training.name()))
                .toList();
        Tally all = new Tally();
        StringJoiner table = new StringJoiner("\n", "\n", "\n");
        table.add(
                "| trainer | runs | kills | in a checkpoint's write | in a deletion | in the result's write | elsewhere |"
                        + " unreadable checkpoints | steps lost | differences |");
        table.add("|---|---|---|---|---|---|---|---|---|---|");
        long begin = System.nanoTime();
        for (TinyTraining training : trainings) {
            int kills = (KILLS + trainings.size() - 1) / trainings.size();
            Tally tally = campaign(training, kills, SeededStream.of(seed, training.name()));
            table.add(tally.row(training.name()));
            all.add(tally);
        }
        table.add(all.row("all"));
        table.add(String.format(Locale.ROOT, "seed %d, %.1f minutes", seed, (System.nanoTime() - begin) / 60e9));
        reporter.publishEntry("campaign", table.toString());
        assertThat(differences).isEmpty();
        assertThat(all.unreadable).isZero();
        assertThat(all.stepsLost).isZero();
        assertThat(all.kills).isGreaterThanOrEqualTo(KILLS);
        assertThat(all.hits(Hit.CHECKPOINT_WRITE)).isGreaterThanOrEqualTo(KILLS / 4);
    }

    private Tally campaign(TinyTraining training, int kills, SeededStream random) throws Exception {
        Path whole = directory.resolve(training.name() + "-whole");
        new KilledRun(training, whole, random).finish();
        requireLearned(whole);
        Tally tally = new Tally();
        while (tally.kills < kills) {
            Path run = directory.resolve(training.name() + "-" + tally.runs);
            KilledRun killed = new KilledRun(training, run, random);
            boolean ended = false;
            for (int i = 0; i < Math.min(KILLS_OF_A_RUN, kills - tally.kills) && !ended; ) {
                Hit hit = killed.kill(aim(i, random));
                ended = hit == Hit.NOTHING;
                if (!ended) {
                    tally.hits.merge(hit, 1, Integer::sum);
                    tally.kills++;
                    i++;
                }
            }
            killed.finish();
            compare(tally, killed, whole, run);
        }
        return tally;
    }

    /** Runs that change nothing would all be the same. */
    private void requireLearned(Path whole) throws IOException {
        Path result = whole.resolve("model/model.safetensors");
        if (Files.exists(result)) {
            assertThat(Files.mismatch(result, directory.resolve("start/model.safetensors")))
                    .as("%s has learned", whole)
                    .isNotNegative();
        }
    }

    private void compare(Tally tally, KilledRun killed, Path whole, Path run) throws IOException {
        tally.runs++;
        tally.unreadable += killed.unreadable();
        tally.stepsLost += killed.stepsLost();
        for (String difference : killed.differences(whole)) {
            tally.differences++;
            differences.add(run.getFileName() + ": " + difference);
        }
        assertThat(Files.exists(run.resolve("run.owner.json"))).isFalse();
    }

    /** Half of the kills are aimed at writes of checkpoints, the last of a run at that of its result. */
    private static Aim aim(int kill, SeededStream random) {
        if (kill == KILLS_OF_A_RUN - 1) {
            return Aim.RESULT;
        }
        return switch (random.nextInt(6)) {
            case 0 -> Aim.START;
            case 1, 2 -> Aim.TRAINING;
            default -> Aim.CHECKPOINT;
        };
    }
}
