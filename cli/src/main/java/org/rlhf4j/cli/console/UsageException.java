package org.rlhf4j.cli.console;

/** The options make no sense together; ends the process with {@link ExitCode#USAGE}. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * A wrong use.
     *
     * @param message one line: what is wrong and what to type instead
     */
    public UsageException(String message) {
        super(message);
    }
}
