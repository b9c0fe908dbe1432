package org.rlhf4j.ppo.text;

import org.jspecify.annotations.Nullable;

/** There is no reward to learn from; the message names the reward and the row. */
public final class RewardException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * A problem.
     *
     * @param message for the user
     * @param cause what the reward threw, or null
     */
    public RewardException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
