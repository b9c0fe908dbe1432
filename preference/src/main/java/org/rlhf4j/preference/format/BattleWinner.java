package org.rlhf4j.preference.format;

import org.jspecify.annotations.Nullable;

/** Who won a battle of two models in Chatbot Arena (arXiv:2403.04132), by the words of the field {@code winner}. */
public enum BattleWinner {
    /** The model of {@code model_a}. */
    MODEL_A,
    /** The model of {@code model_b}. */
    MODEL_B,
    /** Neither: a tie, which both being bad is too. */
    TIE;

    /** The words that are understood, as messages list them. */
    public static final String WORDS = "model_a, model_b, tie, tie (bothbad), both_bad or bothbad";

    /**
     * The winner that a word means.
     *
     * @param word as it stands in the data
     * @return the winner; null for a word that is not one of {@link #WORDS}
     */
    public static @Nullable BattleWinner of(String word) {
        return switch (word) {
            case "model_a" -> MODEL_A;
            case "model_b" -> MODEL_B;
            case "tie", "tie (bothbad)", "both_bad", "bothbad" -> TIE;
            default -> null;
        };
    }
}
