package org.rlhf4j.cli.train;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.rlhf4j.base.NearestName;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.core.config.Difference;
import org.rlhf4j.core.run.RunCheckpoints;
import picocli.CommandLine.Option;

/** Options about checkpoints, and about going on from one. */
public final class ResumeOptions {
    private static final double SECONDS_PER_MINUTE = 60;
    private static final double MOST_MINUTES = 1e6;
    private static final List<String> ORIGINS = List.of("data", "model", "rlhf4j", "platform");

    @Option(
            names = "--resume",
            description = {
                "Go on with the interrupted run in --out, from its newest checkpoint, to the same result as if it had not been"
                        + " interrupted. Its settings need not be given again."
            })
    private boolean resume;

    @Option(
            names = "--allow-changed",
            paramLabel = "KEY",
            description =
                    "With --resume, a setting (training.epochs), data, model, rlhf4j or platform that may differ from before; may"
                            + " be repeated. The result is then another.")
    private List<String> allowed = new ArrayList<>();

    @Option(
            names = "--checkpoint-minutes",
            paramLabel = "N",
            description = "Minutes between two checkpoints (default: 10); 0 for none by the clock.")
    private double minutes = RunCheckpoints.Settings.DEFAULT.every().toMinutes();

    @Option(
            names = "--checkpoint-steps",
            paramLabel = "N",
            description = "Steps between two checkpoints (default: 0, none by steps).")
    private long steps;

    @Option(
            names = "--keep-checkpoints",
            paramLabel = "N",
            description = "How many checkpoints stay in RUN/checkpoints, the newest (default: 2).")
    private int keep = RunCheckpoints.Settings.DEFAULT.keep();

    @Option(
            names = "--fail-on-checkpoint-error",
            description = "End the run when a checkpoint cannot be written; otherwise it goes on and says so.")
    private boolean failOnError;

    @Option(
            names = "--stop-after",
            paramLabel = "N",
            description = "Stop after step N as Ctrl-C would, with a checkpoint; --resume goes on.")
    private long stopAfter = Long.MAX_VALUE;

    /** Whether a run that has made so many steps is to be stopped. */
    boolean stopsAfter(long steps) {
        return steps >= stopAfter;
    }

    /** Whether a run goes on. */
    boolean resume() {
        return resume;
    }

    /**
     * When checkpoints are due.
     *
     * @throws UsageException if a number has no meaning
     */
    RunCheckpoints.Settings settings() {
        if (!(minutes >= 0 && minutes <= MOST_MINUTES) || steps < 0 || keep < 1 || stopAfter < 1) {
            throw new UsageException("--checkpoint-minutes and --checkpoint-steps are 0 or more, --keep-checkpoints and"
                    + " --stop-after 1 or more");
        }
        return new RunCheckpoints.Settings(
                Duration.ofMillis(Math.round(minutes * SECONDS_PER_MINUTE * 1000)), steps, keep, failOnError);
    }

    /**
     * Refuses keys of {@code --allow-changed} that mean nothing, before anything is done.
     *
     * @param settings keys of the settings of the command
     * @throws UsageException naming the nearest that means something
     */
    void requireKnown(Collection<String> settings) {
        if (!allowed.isEmpty() && !resume) {
            throw new UsageException("--allow-changed says what may differ from an earlier run: give --resume too");
        }
        Set<String> known = new TreeSet<>(ORIGINS);
        for (String key : settings) {
            for (int dot = key.indexOf('.'); dot > 0; dot = key.indexOf('.', dot + 1)) {
                known.add(key.substring(0, dot));
            }
            known.add(key);
        }
        for (String key : allowed) {
            boolean origin = ORIGINS.stream().anyMatch(group -> key.startsWith(group + "."));
            if (!origin && !known.contains(key)) {
                throw new UsageException("--allow-changed: " + NearestName.unknown("key", key, known));
            }
        }
    }

    /**
     * Refuses differences that were not allowed.
     *
     * @param differences between the run as it was and as it would go on
     * @throws UsageException naming each of them
     */
    void requireAllowed(List<Difference> differences) {
        List<Difference> refused =
                differences.stream().filter(each -> !each.isAmong(allowed)).toList();
        if (!refused.isEmpty()) {
            throw new UsageException("the run cannot go on as it was: "
                    + String.join(
                            "; ", refused.stream().map(Difference::toString).toList())
                    + ". To go on to another result, add --allow-changed "
                    + refused.get(0).key());
        }
    }
}
