package org.rlhf4j.base;

import java.util.Objects;

/**
 * A prompt and one completion of it, as plain text.
 *
 * @param prompt what was asked; may be empty
 * @param completion what was answered; may be empty
 */
public record PromptCompletion(String prompt, String completion) {
    /** Refuses null. */
    public PromptCompletion {
        Objects.requireNonNull(prompt, "prompt");
        Objects.requireNonNull(completion, "completion");
    }
}
