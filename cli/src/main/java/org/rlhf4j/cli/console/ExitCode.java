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

    /** A number that training depends on became NaN or infinite; one line on standard error says which, where and what to do. */
    public static final int DIVERGED = 4;

    /** Stopped after a clean checkpoint, because the terminal went away (SIGHUP, 128 + 1). */
    public static final int HANGUP = 129;

    /** Stopped after a clean checkpoint, by Ctrl-C (SIGINT, 128 + 2). */
    public static final int INTERRUPTED = 130;

    /** Stopped after a clean checkpoint, on request (SIGTERM, 128 + 15). */
    public static final int TERMINATED = 143;

    private ExitCode() {}
}
