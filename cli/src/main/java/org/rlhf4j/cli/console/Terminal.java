package org.rlhf4j.cli.console;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.rlhf4j.base.Json;

/**
 * The console: results go to standard output, progress and errors to standard error. Every command writes through one
 * of these and nothing else in the project writes to the console, so a test can run any command and read every line.
 */
public final class Terminal {
    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;
    private final boolean interactive;
    private final int columns;

    /**
     * A terminal on given streams, whose results go to a file or a pipe.
     *
     * @param in standard input
     * @param out where results go
     * @param err where progress and errors go
     * @param interactive whether a person watches {@code err}, so that a line may be redrawn in place
     */
    public Terminal(InputStream in, PrintStream out, PrintStream err, boolean interactive) {
        this(in, out, err, interactive, 0);
    }

    /**
     * A terminal on given streams.
     *
     * @param in standard input
     * @param out where results go
     * @param err where progress and errors go
     * @param interactive whether a person watches {@code err}, so that a line may be redrawn in place
     * @param columns how wide the terminal is that {@code out} goes to; 0 when it goes to a file or a pipe
     */
    public Terminal(InputStream in, PrintStream out, PrintStream err, boolean interactive, int columns) {
        this.in = in;
        this.out = out;
        this.err = err;
        this.interactive = interactive;
        this.columns = columns;
    }

    /**
     * The terminal of this process, in UTF-8 whatever the platform's own encoding is. Only the launcher can tell whether
     * standard output and standard error are terminals, and says so in system properties.
     */
    public static Terminal ofProcess() {
        return new Terminal(
                new BufferedInputStream(System.in),
                new PrintStream(
                        new java.io.FileOutputStream(java.io.FileDescriptor.out), false, StandardCharsets.UTF_8),
                new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.err), true, StandardCharsets.UTF_8),
                Boolean.getBoolean("rlhf4j.interactive"),
                Integer.getInteger("rlhf4j.columns", 0));
    }

    /** Standard input, for commands that read {@code -}. */
    public InputStream in() {
        return in;
    }

    /** Standard output as a stream, for commands that write rows to {@code -}. */
    public PrintStream out() {
        return out;
    }

    /** How wide the terminal is that results go to; 0 when they go to a file or a pipe, or nobody knows. */
    public int columns() {
        return columns;
    }

    /** Whether a person watches the progress. */
    public boolean interactive() {
        return interactive;
    }

    /**
     * Refuses to go on when standard output takes no more: a full disk, or a reader that went away. Print streams
     * remember that in silence.
     *
     * @throws IOException if something written was lost
     */
    public void requireOutput() throws IOException {
        if (out.checkError()) {
            throw new IOException("standard output cannot be written: the disk is full, or nobody reads it any more");
        }
    }

    /**
     * Writes one line of the result.
     *
     * @param format a format string, in the root locale
     * @param args its arguments
     */
    public void result(String format, Object... args) {
        out.print(args.length == 0 ? format : String.format(Locale.ROOT, format, args));
        out.print('\n');
        out.flush();
    }

    /**
     * Writes the machine-readable result: one JSON object on one line, the last line of standard output.
     *
     * @param figures names and values, in order
     */
    public void json(Map<String, ?> figures) {
        result("%s", Json.write(figures));
    }

    /**
     * Writes one line of progress or of a remark.
     *
     * @param format a format string, in the root locale
     * @param args its arguments
     */
    public void note(String format, Object... args) {
        err.print(args.length == 0 ? format : String.format(Locale.ROOT, format, args));
        err.print('\n');
        err.flush();
    }

    /**
     * Redraws the current progress line; only for interactive terminals.
     *
     * @param line the text, without a line break
     */
    public void redraw(String line) {
        err.print("\r\u001b[K" + line);
        err.flush();
    }

    /** Standard output as characters, for help texts. */
    public PrintWriter outWriter() {
        return new PrintWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), true);
    }

    /** Standard error as characters. */
    public PrintWriter errWriter() {
        return new PrintWriter(new OutputStreamWriter(err, StandardCharsets.UTF_8), true);
    }
}
