package org.rlhf4j.preference;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonLine;
import org.rlhf4j.base.JsonLines;

/** Goes through one source row by row: every row typed, or with the reasons why it is not. */
final class RowScanner implements AutoCloseable {
    /** How many JSON objects the format is told from. */
    private static final int DETECTION_ROWS = 16;

    /** How many rows are read in search of them. */
    private static final int DETECTION_LIMIT = 256;

    /** How a reason starts when the bytes are not UTF-8. */
    private static final String BAD_UTF8 = "invalid UTF-8";

    /** One row; the node is null where there was no JSON object. */
    record Scanned(String file, long line, @Nullable ObjectNode node, ParsedRow parsed) {
        /** The typed row; throws for the first error. */
        Row require() {
            Row row = parsed.row();
            if (row != null) {
                return row;
            }
            String reason = parsed.problems().stream()
                    .filter(problem -> problem.rule().isError())
                    .map(Problem::detail)
                    .findFirst()
                    .orElse("the row cannot be read");
            throw new DataFormatException(file, line, reason);
        }
    }

    private final JsonLines lines;
    private final Deque<JsonLine> peeked = new ArrayDeque<>();
    private FormatDetection.@Nullable Detected detected;
    private @Nullable DataFormatException formatProblem;
    private @Nullable DataFormatException broken;

    private RowScanner(JsonLines lines) {
        this.lines = lines;
    }

    /**
     * Opens a source and looks for its format; {@link #requireFormat()} tells whether it was found.
     *
     * @param source where the rows come from
     * @param from the format; null to detect it
     * @return the rows
     * @throws DataFormatException if it cannot be read
     */
    static RowScanner open(DataSource source, @Nullable RowFormat from) {
        RowScanner scanner = new RowScanner(source.open());
        scanner.peek(from == null ? DETECTION_ROWS : 1);
        if (from != null) {
            scanner.detected = new FormatDetection.Detected(from, "it was named");
            return scanner;
        }
        try {
            scanner.detected = FormatDetection.detect(source.name(), List.copyOf(scanner.peeked));
        } catch (DataFormatException e) {
            scanner.formatProblem = e;
        }
        return scanner;
    }

    private void peek(int wanted) {
        try {
            int objects = 0;
            while (objects < wanted && peeked.size() < DETECTION_LIMIT && lines.hasNext()) {
                JsonLine line = lines.next();
                peeked.add(line);
                if (line instanceof JsonLine.Value value && value.value().isObject()) {
                    objects++;
                }
            }
        } catch (DataFormatException e) {
            // The rows before the damage are still worth reading; next() throws this after them.
            broken = e;
        }
    }

    /** Whether the source has no row at all; to be asked before the first {@link #next()}. */
    boolean isEmpty() {
        return peeked.isEmpty() && broken == null;
    }

    /** The format; null when it could not be told. */
    @Nullable
    RowFormat format() {
        return detected == null ? null : detected.format();
    }

    /** What spoke for the format; empty when it could not be told. */
    String evidence() {
        return detected == null ? "" : detected.evidence();
    }

    /** Why the format could not be told; null when it could. */
    @Nullable
    DataFormatException formatProblem() {
        return formatProblem;
    }

    /**
     * The format.
     *
     * @throws DataFormatException if it could not be told (the first bad row where there is no good one), or there are
     *     no rows; to be asked before the first {@link #next()}
     */
    RowFormat requireFormat() {
        if (isEmpty()) {
            throw new DataFormatException(lines.file(), 0, "holds no rows");
        }
        RowFormat format = format();
        if (format != null) {
            return format;
        }
        for (JsonLine line : peeked) {
            if (line instanceof JsonLine.Bad bad) {
                throw bad.exception();
            }
        }
        if (broken != null) {
            throw broken;
        }
        throw formatProblem == null ? new IllegalStateException("neither a format nor a reason") : formatProblem;
    }

    /**
     * The next row, or null after the last one. Without a format only what is wrong with the JSON is known.
     *
     * @throws DataFormatException if the rest of the source cannot be read
     */
    @Nullable
    Scanned next() {
        JsonLine line = peeked.poll();
        if (line == null) {
            if (broken != null) {
                throw broken;
            }
            if (!lines.hasNext()) {
                return null;
            }
            line = lines.next();
        }
        if (line instanceof JsonLine.Bad bad) {
            DataFormatException e = bad.exception();
            Rule rule = e.reason().startsWith(BAD_UTF8) ? Rule.BAD_UTF8 : Rule.MALFORMED_JSON;
            return refused(line, rule, e.reason());
        }
        if (!(line.orThrow() instanceof ObjectNode object)) {
            return refused(line, Rule.MALFORMED_JSON, "must be a JSON object but is " + Json.describe(line.orThrow()));
        }
        RowFormat format = format();
        ParsedRow parsed = format == null ? new ParsedRow(null, List.of(), List.of()) : format.parse(object);
        return new Scanned(line.file(), line.line(), object, parsed);
    }

    private static Scanned refused(JsonLine line, Rule rule, String detail) {
        ParsedRow parsed = new ParsedRow(null, List.of(new Problem(rule, detail)), List.of());
        return new Scanned(line.file(), line.line(), null, parsed);
    }

    @Override
    public void close() {
        lines.close();
    }
}
