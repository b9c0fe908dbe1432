package org.rlhf4j.cli.console;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;

/** Where a command's rows go: a file, which appears complete or not at all, or standard output. */
public final class RowOutput {
    private final OutputStream out;
    private final @Nullable Terminal standard;

    /** The terminal is given when its standard output is the target. */
    private RowOutput(OutputStream out, @Nullable Terminal standard) {
        this.out = out;
        this.standard = standard;
    }

    /** Writes rows. */
    @FunctionalInterface
    public interface Rows {
        /**
         * Writes every row.
         *
         * @param output takes them
         * @throws IOException if the output does not
         */
        void writeTo(RowOutput output) throws IOException;
    }

    /** Whether a target is standard output. */
    public static boolean isStandard(String target) {
        return target.equals("-");
    }

    /**
     * Writes rows to a target.
     *
     * @param target a file, or {@code -} for standard output
     * @param terminal has the standard output
     * @param rows writes them
     * @throws IOException if the target cannot be written; a file that stood there before is untouched
     */
    public static void to(String target, Terminal terminal, Rows rows) throws IOException {
        if (isStandard(target)) {
            BufferedOutputStream buffered = new BufferedOutputStream(terminal.out());
            RowOutput output = new RowOutput(buffered, terminal);
            rows.writeTo(output);
            output.flush();
            return;
        }
        Storage.disk().writeAtomically(Path.of(target), file -> {
            BufferedOutputStream buffered = new BufferedOutputStream(file, 1 << 16);
            rows.writeTo(new RowOutput(buffered, null));
            buffered.flush();
        });
    }

    /**
     * Writes one row.
     *
     * @param value a JSON value
     * @throws IOException if it cannot be written
     */
    public void row(Object value) throws IOException {
        out.write(Json.write(value).getBytes(StandardCharsets.UTF_8));
        out.write('\n');
    }

    /**
     * Hands what was written on to whoever reads it.
     *
     * @throws IOException if it cannot be written
     */
    public void flush() throws IOException {
        out.flush();
        if (standard != null) {
            standard.requireOutput();
        }
    }
}
