package org.rlhf4j.preference;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;

/**
 * Two completions of one prompt, the first preferred to the second.
 *
 * @param prompt what was asked; text or messages, and the completions alike
 * @param chosen the preferred completion
 * @param rejected the other completion
 * @param margin by how much the score of chosen should exceed that of rejected, on the reward's scale; null if not said
 * @param probability how likely chosen is the better one, in [0, 1]; 0.5 is a tie; null means that chosen is preferred
 * @param weight how much the pair counts, positive; 1 is usual
 * @param chosenModel who wrote chosen, or null
 * @param rejectedModel who wrote rejected, or null
 * @param origin its name and where it comes from
 */
public record PreferencePair(
        Content prompt,
        Content chosen,
        Content rejected,
        @Nullable Double margin,
        @Nullable Double probability,
        double weight,
        @Nullable String chosenModel,
        @Nullable String rejectedModel,
        Origin origin)
        implements Row {
    /**
     * Checks the row.
     *
     * @throws IllegalArgumentException if a text is blank, the completions are equal, text and messages are mixed, the
     *     probability is outside [0, 1], the margin is not finite or the weight is not positive and finite
     */
    public PreferencePair {
        RowRules.pair(prompt, chosen, rejected).require();
        RowRules.pairNumbers(margin, probability, weight).require();
    }

    /**
     * A plain pair of weight 1.
     *
     * @param prompt what was asked
     * @param chosen the preferred completion
     * @param rejected the other completion
     * @return the pair
     */
    public static PreferencePair of(Content prompt, Content chosen, Content rejected) {
        return new PreferencePair(prompt, chosen, rejected, null, null, 1.0, null, null, Origin.NONE);
    }

    /**
     * A plain pair of texts, of weight 1.
     *
     * @param prompt what was asked
     * @param chosen the preferred completion
     * @param rejected the other completion
     * @return the pair
     */
    public static PreferencePair of(String prompt, String chosen, String rejected) {
        return of(Content.of(prompt), Content.of(chosen), Content.of(rejected));
    }

    /** Whether neither completion is preferred: the probability is exactly one half. */
    public boolean isTie() {
        return probability != null && probability == 0.5;
    }

    @Override
    public Kind kind() {
        return Kind.PAIR;
    }

    @Override
    public ObjectNode toJson() {
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        row.set("prompt", prompt.toJson());
        row.set("chosen", chosen.toJson());
        row.set("rejected", rejected.toJson());
        if (margin != null) {
            row.put("margin", margin);
        }
        if (probability != null) {
            row.put("probability", probability);
        }
        if (weight != 1.0) {
            row.put("weight", weight);
        }
        if (chosenModel != null) {
            row.put("chosen_model", chosenModel);
        }
        if (rejectedModel != null) {
            row.put("rejected_model", rejectedModel);
        }
        origin.putInto(row);
        return row;
    }
}
