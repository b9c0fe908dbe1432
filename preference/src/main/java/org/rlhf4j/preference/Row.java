package org.rlhf4j.preference;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;

/** A row of preference data in one of the kinds that RLHF4J trains on; always valid. */
public sealed interface Row
        permits PreferencePair,
                Ranking,
                PartialOrder,
                Demonstration,
                PromptRow,
                UnpairedPreference,
                StepwiseSupervision {
    /** What a row is for. */
    enum Kind {
        /** Two completions of a prompt, one preferred. */
        PAIR("pairs"),
        /** Two or more completions of a prompt in order of preference. */
        RANKING("rankings"),
        /** Two or more completions of a prompt of which some are preferred to others. */
        PARTIAL_ORDER("partial orders"),
        /** A prompt and how it should be completed, or a text to imitate. */
        DEMONSTRATION("demonstrations"),
        /** A prompt alone. */
        PROMPT("prompts"),
        /** A completion judged by itself. */
        UNPAIRED("unpaired preferences"),
        /** A solution whose steps are judged. */
        STEPWISE("stepwise rows");

        private final String plural;

        Kind(String plural) {
            this.plural = plural;
        }

        /** The word for several of them. */
        public String plural() {
            return plural;
        }
    }

    /** Which of them it is. */
    Kind kind();

    /** The prompt; null only where a demonstration does not say which part of it is the prompt. */
    @Nullable
    Content prompt();

    /** What the row is called and where it comes from. */
    Origin origin();

    /** The canonical row: reading it back gives an equal row. */
    ObjectNode toJson();
}
