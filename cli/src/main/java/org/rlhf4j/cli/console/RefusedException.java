package org.rlhf4j.cli.console;

/** Input data was read and a check refused it; ends the process with {@link ExitCode#REFUSED}. */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * A refusal.
     *
     * @param message one line: what was refused, why, and what to do
     */
    public RefusedException(String message) {
        super(message);
    }
}
