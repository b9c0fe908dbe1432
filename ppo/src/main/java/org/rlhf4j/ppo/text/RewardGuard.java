package org.rlhf4j.ppo.text;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.checkpoint.Resumable;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.checkpoint.StateWriter;

/** Watches rollouts for signs that the policy pleases the reward instead of doing what is wanted. */
final class RewardGuard implements Resumable {
    private static final int REPEATED_TOKENS = 3;

    private final GuardConfig config;
    private double firstLength = Double.NaN;
    private int passedInARow;

    RewardGuard(GuardConfig config) {
        this.config = config;
    }

    @Override
    public void saveTo(StateWriter out) {
        out.put("first_length", firstLength).put("passed_in_a_row", passedInARow);
    }

    @Override
    public void restoreFrom(StateReader in) {
        firstLength = in.number("first_length");
        passedInARow = Math.toIntExact(in.integer("passed_in_a_row"));
    }

    /**
     * What a rollout looks like.
     *
     * @param kl mean, nats a sequence
     * @param entropy mean, nats a token
     * @param length mean length of completions in tokens
     * @param repetition mean share of repeated stretches
     * @param scoreSpread standard deviation of the scores
     */
    record Signs(double kl, double entropy, double length, double repetition, double scoreSpread) {}

    /**
     * Looks at the next rollout.
     *
     * @return the limits that it passes, one sentence each; none where all is well
     */
    List<String> look(Signs signs) {
        if (Double.isNaN(firstLength)) {
            firstLength = signs.length;
        }
        List<String> passed = new ArrayList<>();
        above(passed, "KL from the reference", signs.kl, config.maxKl(), "nats a sequence");
        below(passed, "entropy", signs.entropy, config.minEntropy(), "nats a token");
        Double drift = config.maxLengthDrift();
        if (drift != null) {
            double longest = firstLength * drift;
            double shortest = firstLength / drift;
            above(passed, "mean length", signs.length, longest, "tokens");
            below(passed, "mean length", signs.length, shortest, "tokens");
        }
        above(passed, "share of repeated tokens", signs.repetition, config.maxRepetition(), "");
        below(passed, "spread of the scores", signs.scoreSpread, config.minScoreSpread(), "");
        passedInARow = passed.isEmpty() ? 0 : passedInARow + 1;
        return passed;
    }

    /** Whether limits were passed so often that the run is to be stopped. */
    boolean stops() {
        return config.patience() > 0 && passedInARow >= config.patience();
    }

    private static void above(List<String> passed, String name, double value, @Nullable Double limit, String unit) {
        if (limit != null && value > limit) {
            passed.add(sentence(name, value, "above", limit, unit));
        }
    }

    private static void below(List<String> passed, String name, double value, @Nullable Double limit, String unit) {
        if (limit != null && value < limit) {
            passed.add(sentence(name, value, "below", limit, unit));
        }
    }

    private static String sentence(String name, double value, String side, double limit, String unit) {
        return String.format(Locale.ROOT, "%s %.4g, %s the limit of %.4g %s", name, value, side, limit, unit)
                .stripTrailing();
    }

    /**
     * The share of stretches of three tokens that stand in the same completion before; 0 for a completion that is shorter.
     *
     * @param ids the tokens of a completion
     */
    static double repetition(int[] ids) {
        int stretches = ids.length - REPEATED_TOKENS + 1;
        if (stretches < 1) {
            return 0;
        }
        Set<List<Integer>> seen = new HashSet<>();
        int repeated = 0;
        for (int from = 0; from < stretches; from++) {
            List<Integer> stretch = List.of(ids[from], ids[from + 1], ids[from + 2]);
            repeated += seen.add(stretch) ? 0 : 1;
        }
        return (double) repeated / stretches;
    }
}
