package org.rlhf4j.control.check;

/** An environment breaks the contract; the message says which environment, how, and what it has to do instead. */
public final class EnvironmentCheckException extends RuntimeException {
    private static final long serialVersionUID = 1;

    EnvironmentCheckException(String message) {
        super(message);
    }

    EnvironmentCheckException(String message, Throwable cause) {
        super(message, cause);
    }
}
