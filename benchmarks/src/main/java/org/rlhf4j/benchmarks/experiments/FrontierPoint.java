package org.rlhf4j.benchmarks.experiments;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;

/**
 * One trained policy of the frontier: how good what it writes truly is, and how far it went from where it started.
 *
 * @param method {@code dpo} or {@code ppo}
 * @param settings what was changed against the configuration file, "key=value key=value"
 * @param seed of the run, and of the models it started from
 * @param prompts {@code validation} or {@code test}
 * @param reward mean true reward of its samples, 0 to 10
 * @param sftReward the same of the model it started from
 * @param sftDeviation standard deviation of the true reward over samples of that model
 * @param kl from that model, nats a sequence
 * @param tokens mean length of its samples
 * @param seconds of training and measuring
 */
record FrontierPoint(
        String method,
        String settings,
        long seed,
        String prompts,
        double reward,
        double sftReward,
        double sftDeviation,
        double kl,
        double tokens,
        double seconds) {
    /** The first line of the table. */
    static final String HEADER =
            "method,settings,seed,prompts,true_reward,sft_true_reward,sft_deviation,kl,mean_tokens,seconds";

    /** Checks that the texts fit a line of the table. */
    FrontierPoint {
        for (String text : List.of(method, settings, prompts)) {
            if (text.indexOf(',') >= 0 || text.indexOf('\n') >= 0) {
                throw new IllegalArgumentException("\"" + text + "\" does not fit a table of commas and lines");
            }
        }
    }

    /** From the figures of {@code rlhf compare} of the two policies. */
    static FrontierPoint of(
            String method, String settings, long seed, String prompts, JsonNode compared, double seconds) {
        JsonNode sft = compared.get("a");
        JsonNode trained = compared.get("b");
        return new FrontierPoint(
                method,
                settings,
                seed,
                prompts,
                trained.get("mean_score").doubleValue(),
                sft.get("mean_score").doubleValue(),
                sft.get("score_deviation").doubleValue(),
                compared.get("kl").doubleValue(),
                trained.get("mean_tokens").doubleValue(),
                seconds);
    }

    /** Reads a line of the table. */
    static FrontierPoint read(String line) {
        String[] cells = line.split(",", -1);
        if (cells.length != 10) {
            throw new IllegalArgumentException("not a line of the frontier's table: \"" + line + "\"");
        }
        return new FrontierPoint(
                cells[0],
                cells[1],
                Long.parseLong(cells[2]),
                cells[3],
                Double.parseDouble(cells[4]),
                Double.parseDouble(cells[5]),
                Double.parseDouble(cells[6]),
                Double.parseDouble(cells[7]),
                Double.parseDouble(cells[8]),
                Double.parseDouble(cells[9]));
    }

    /** Whether this is the run with these settings. */
    boolean is(String otherMethod, String otherSettings, long otherSeed, String otherPrompts) {
        return method.equals(otherMethod)
                && settings.equals(otherSettings)
                && seed == otherSeed
                && prompts.equals(otherPrompts);
    }

    /** A line of the table. */
    String line() {
        return String.format(
                Locale.ROOT,
                "%s,%s,%d,%s,%.4f,%.4f,%.4f,%.4f,%.2f,%.1f",
                method,
                settings,
                seed,
                prompts,
                reward,
                sftReward,
                sftDeviation,
                kl,
                tokens,
                seconds);
    }
}
