package org.rlhf4j.cli.scorer;

import java.math.BigDecimal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.core.config.Doc;
import org.rlhf4j.core.config.Require;

/** One reward of several, as it is named on the command line or in a settings file. */
public record RewardSetting(
        @Doc("Directory of a reward model, or a Java class that implements CompletionScorer.")
        String source,

        @Doc("What its scores are multiplied by; negative for what is to be avoided, 0 for what is only watched.")
        double weight) {

    /** Checks the values. */
    public RewardSetting {
        Require.that(!source.isBlank(), "source", "\"" + source + "\"", "must name a reward model or a class");
        Require.that(Double.isFinite(weight), "weight", weight, "must be finite");
    }

    /**
     * Reads {@code NAME} or {@code NAME=WEIGHT}. What follows the last equals sign is a weight where it is a number;
     * otherwise all is the name, of weight 1.
     *
     * @param option the option that it is a value of, for messages
     * @param text the value
     * @throws UsageException if the name is blank
     */
    public static RewardSetting parse(String option, String text) {
        int at = text.lastIndexOf('=');
        double weight = at < 0 ? Double.NaN : number(text.substring(at + 1));
        try {
            return Double.isFinite(weight)
                    ? new RewardSetting(text.substring(0, at), weight)
                    : new RewardSetting(text, 1);
        } catch (IllegalArgumentException e) {
            throw new UsageException(option + " " + text + ": " + e.getMessage());
        }
    }

    /** Decimal notation alone: "2d" and "0x2p0" are names. */
    private static double number(String text) {
        try {
            return new BigDecimal(text).doubleValue();
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }
}
