package org.rlhf4j.base;

import java.util.Objects;

/**
 * One turn of a conversation.
 *
 * @param role who speaks: {@code system}, {@code user}, {@code assistant} or a name that the chat format knows
 * @param content what is said; may be empty
 */
public record Message(String role, String content) {
    /**
     * Checks the role.
     *
     * @throws IllegalArgumentException if the role is blank
     */
    public Message {
        Objects.requireNonNull(content, "content");
        if (role.isBlank()) {
            throw new IllegalArgumentException("a message needs a role, such as \"user\" or \"assistant\"");
        }
    }
}
