package org.rlhf4j.lm.hub;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A model of the hub that cannot be had; the message is {@code name: reason}, on one line. */
public final class HubException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;
    private final String reason;

    /** Why. */
    public enum Kind {
        /** It is not in the cache, or not all of it, and the hub must not be asked. */
        NOT_CACHED,
        /** The hub does not answer, or stopped answering. */
        UNREACHABLE,
        /** The hub wants a token, or another one. */
        DENIED,
        /** The hub has no such model, or no such revision of it. */
        NOT_FOUND,
        /** What was received is not what the hub said it would be. */
        DAMAGED,
        /** The model is there, but not in a form that is read here. */
        UNSUPPORTED,
        /** The cache cannot be read or written. */
        CACHE
    }

    HubException(Kind kind, Object name, String reason) {
        this(kind, name, reason, null);
    }

    HubException(Kind kind, Object name, String reason, @Nullable Throwable cause) {
        super((name + ": " + reason).replaceAll("\\p{Cntrl}", " "), cause);
        this.kind = kind;
        this.reason = reason;
    }

    /** Why. */
    public Kind kind() {
        return kind;
    }

    /** The message without the name. */
    String reason() {
        return reason;
    }
}
