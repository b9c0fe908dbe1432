package org.rlhf4j.cli.console;

/** What the process ends with; scripts rely on these numbers. */
public final class ExitCode {
    /** The command did what it was asked to. */
    public static final int DONE = 0;

    /** The run failed; one line on standard error says what, where and what to do. */
    public static final int FAILED = 1;

    /** The command line itself was wrong. */
    public static final int USAGE = 2;

    /** The input data was read, and a check refused it. */
    public static final int REFUSED = 3;

    /** Numbers of a run became NaN or infinite. */
    public static final int DIVERGED = 4;

    /** Stopped by Ctrl-C. */
    public static final int INTERRUPTED = 130;

    private ExitCode() {}
}
