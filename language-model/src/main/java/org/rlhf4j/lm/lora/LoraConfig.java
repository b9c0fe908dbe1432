package org.rlhf4j.lm.lora;

import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.rlhf4j.core.config.Doc;
import org.rlhf4j.core.config.Require;

/**
 * How a fresh adapter is made: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models" (arXiv:2106.09685). Beside each
 * targeted matrix W stands {@code s B A} with A {@code [r, in]}, B {@code [out, r]} and {@code s = alpha / r}.
 */
public record LoraConfig(
        @Doc("Rank r of the change of a matrix.") int rank,

        @Doc("The change is multiplied by alpha / rank.") double alpha,

        @Doc("Share of an adapter's inputs that is set to 0 in training.")
        double dropout,

        @Doc("Modules that get an adapter: ends of their names, regular expressions of whole names, or all-linear.")
        List<String> targets,

        @Doc("Whether the change is multiplied by alpha / sqrt(rank) instead (rsLoRA).")
        boolean rslora,

        @Doc("Whether the length of each row of a matrix is learned apart from its direction (DoRA).")
        boolean dora) {

    /** The target that stands for every linear map of the layers: all but embeddings and heads. */
    public static final String ALL_LINEAR = "all-linear";

    /** More than the rows of any matrix that an adapter stands beside. */
    private static final int MOST_RANK = 65_536;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.]+");

    /** Rank and alpha of TRL's command line, no dropout as in PEFT, and every linear map. */
    public static final LoraConfig DEFAULT = new LoraConfig(16, 32, 0, List.of(ALL_LINEAR), false, false);

    /** Checks the ranges. */
    public LoraConfig {
        Require.atLeast("rank", rank, 1);
        Require.that(rank <= MOST_RANK, "rank", rank, "must be at most " + MOST_RANK);
        Require.positive("alpha", alpha);
        Require.inHalfOpenRange("dropout", dropout, 0, 1);
        targets = List.copyOf(targets);
        Require.that(!targets.isEmpty(), "targets", targets, "must name at least one module");
        Require.that(
                targets.size() == 1 || !targets.contains(ALL_LINEAR),
                "targets",
                targets,
                "must name modules or be " + ALL_LINEAR + " alone");
        targets.forEach(LoraConfig::requirePattern);
    }

    private static void requirePattern(String target) {
        if (isPattern(target)) {
            try {
                Pattern.compile(target);
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(
                        "targets has \"" + target + "\", which is no regular expression: " + e.getDescription(), e);
            }
        }
    }

    /** Whether every linear map of the layers is targeted. */
    public boolean allLinear() {
        return targets.contains(ALL_LINEAR);
    }

    /** Whether a target is a regular expression and no name: it has a character that stands in no name. */
    static boolean isPattern(String target) {
        return !target.equals(ALL_LINEAR) && !NAME.matcher(target).matches();
    }

    /** Whether one of the targets means a module, by PEFT's rules: the whole name or its end, or a match of the whole name. */
    static boolean matches(List<String> targets, String module) {
        return targets.stream()
                .anyMatch(target -> isPattern(target)
                        ? BoundedText.matches(target, target, module)
                        : module.equals(target) || module.endsWith("." + target));
    }
}
