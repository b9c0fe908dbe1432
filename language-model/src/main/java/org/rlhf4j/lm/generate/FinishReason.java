package org.rlhf4j.lm.generate;

import java.util.Locale;

/** Why a completion ends where it does. */
public enum FinishReason {
    /** A token that ends a text was generated. */
    EOS,
    /** A stop string was generated. */
    STOP_STRING,
    /** The limit of new tokens, or the model's context, was reached. */
    LENGTH;

    /** Whether the model ended its completion, instead of being cut off. */
    public boolean byItself() {
        return this != LENGTH;
    }

    /** The name in files: {@code eos}, {@code stop_string}, {@code length}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
