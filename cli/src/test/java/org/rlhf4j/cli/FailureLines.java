package org.rlhf4j.cli;

/** The line that a command prints for an exception, where a test makes the exception itself. */
public final class FailureLines {
    private FailureLines() {}

    /** The run of a command that fails so. */
    public static CommandRun of(String command, Throwable failure) {
        return new CommandRun(1, "", command + ": " + Failures.describe(failure) + "\n");
    }
}
