package org.rlhf4j.preference.read;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonLine;
import org.rlhf4j.base.JsonLines;
import org.rlhf4j.preference.Problem;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.preference.container.RowInput;
import org.rlhf4j.preference.format.FormatDetection;
import org.rlhf4j.preference.format.GroupFormat;
import org.rlhf4j.preference.format.ParsedRow;
import org.rlhf4j.preference.format.RowFormat;

/** Goes through one source row by row: every row typed, or with the reasons why it is not. */
public final class RowScanner implements AutoCloseable {
    /** How many rows the format is told from. */
    private static final int DETECTION_ROWS = 256;

    /** How large they are together before no more are read, for they stay in memory. */
    private static final int DETECTION_BYTES = 1 << 20;

    private static final int NODE_BYTES = 16;

    /** How a reason starts when the bytes are not UTF-8. */
    private static final String BAD_UTF8 = "invalid UTF-8";

    /**
     * One object of the data, or several that belong together.
     *
     * @param file the file as the user named it
     * @param line where the first of them begins
     * @param nodes the objects; none where there was no JSON object
     * @param parsed what the format made of them
     */
    public record Scanned(String file, long line, List<ObjectNode> nodes, ParsedRow parsed) {
        /** How many rows of the file these are. */
        public int count() {
            return Math.max(1, nodes.size());
        }

        /** The typed rows; throws for the first error. */
        public List<Row> require() {
            requireValid();
            return parsed.rows();
        }

        /** Throws for the first error. */
        public void requireValid() {
            for (Problem problem : parsed.problems()) {
                if (problem.rule().isError()) {
                    throw new DataFormatException(file, line, problem.detail());
                }
            }
        }
    }

    /** How much is read ahead: enough for every thread to have work, little beside the smallest heap. */
    private static final int AHEAD_BYTES = 1 << 19;

    private record Prepared<T>(Scanned scanned, T result) {}

    /**
     * Receives the rows.
     *
     * @param <T> what was prepared of a row
     * @param <X> what it may throw
     */
    @FunctionalInterface
    public interface Receiver<T, X extends Exception> {
        /**
         * One row.
         *
         * @param row the row
         * @param prepared what was prepared of it
         * @throws X to end the reading
         */
        void receive(Scanned row, T prepared) throws X;
    }

    private final RowInput lines;
    private final RowGroup.Limits groupLimits;
    private final Deque<JsonLine> peeked = new ArrayDeque<>();
    private FormatDetection.@Nullable Detected detected;
    private @Nullable DataFormatException formatProblem;
    private @Nullable DataFormatException broken;

    private RowScanner(RowInput lines, RowGroup.Limits groupLimits) {
        this.lines = lines;
        this.groupLimits = groupLimits;
    }

    /**
     * Opens a source and looks for its format; {@link #requireFormat()} tells whether it was found.
     *
     * @param source where the rows come from
     * @param options how its rows are understood
     * @return the rows
     * @throws DataFormatException if it cannot be read, or a field that stands for another one is not there
     */
    public static RowScanner open(DataSource source, ReadOptions options) {
        return open(source, options, RowGroup.Limits.STANDARD);
    }

    /** With other limits of what may belong together. */
    static RowScanner open(DataSource source, ReadOptions options, RowGroup.Limits limits) {
        List<RowFormat> candidates = options.formats();
        if (options.columns().isEmpty()) {
            return new RowScanner(source.open(), limits).detect(source, options, candidates);
        }
        RenamedInput renamed = new RenamedInput(source.open(), options.columns());
        RowScanner scanner = new RowScanner(renamed, limits).detect(source, options, candidates);
        try {
            renamed.requireFields();
        } catch (DataFormatException e) {
            scanner.close();
            throw e;
        }
        return scanner;
    }

    private RowScanner detect(DataSource source, ReadOptions options, List<RowFormat> candidates) {
        peek(options.formatName() == null || !options.columns().isEmpty() ? Integer.MAX_VALUE : 1);
        if (options.formatName() != null) {
            detected = new FormatDetection.Detected(candidates.get(0), "it was named");
            return this;
        }
        try {
            detected = FormatDetection.detect(source.name(), List.copyOf(peeked), lines.hasColumns(), candidates);
        } catch (DataFormatException e) {
            formatProblem = e;
        }
        return this;
    }

    private void peek(int wanted) {
        try {
            int objects = 0;
            long bytes = 0;
            while (objects < wanted && peeked.size() < DETECTION_ROWS && bytes < DETECTION_BYTES && lines.hasNext()) {
                JsonLine line = lines.next();
                peeked.add(line);
                if (line instanceof JsonLine.Value value) {
                    objects += value.value().isObject() ? 1 : 0;
                    bytes += size(value.value());
                }
            }
        } catch (DataFormatException e) {
            // The rows before the damage are still worth reading; next() throws this after them.
            broken = e;
        }
    }

    /** About how many bytes a value takes, its texts and something for every value in it; counted as far as that matters. */
    private static long size(JsonNode value) {
        long bytes = 0;
        Deque<Iterator<JsonNode>> open = new ArrayDeque<>();
        open.push(List.of(value).iterator());
        while (!open.isEmpty() && bytes < DETECTION_BYTES) {
            if (!open.element().hasNext()) {
                open.pop();
                continue;
            }
            JsonNode node = open.element().next();
            bytes += NODE_BYTES + (node.isTextual() ? node.textValue().length() : 0);
            open.push(node.iterator());
        }
        return bytes;
    }

    /** Whether the source has no row at all; to be asked before the first {@link #next()}. */
    public boolean isEmpty() {
        return peeked.isEmpty() && broken == null;
    }

    /** The format; null when it could not be told. */
    public @Nullable RowFormat format() {
        return detected == null ? null : detected.format();
    }

    /** What the source is, such as {@code JSON Lines}. */
    public String container() {
        return lines.container();
    }

    /** What spoke for the format; empty when it could not be told. */
    public String evidence() {
        return detected == null ? "" : detected.evidence();
    }

    /** Why the format could not be told; null when it could. */
    public @Nullable DataFormatException formatProblem() {
        return formatProblem;
    }

    /**
     * The format.
     *
     * @throws DataFormatException if it could not be told (the first bad row where there is no good one), or there are
     *     no rows; to be asked before the first {@link #next()}
     */
    public RowFormat requireFormat() {
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
     * The next row, or the next group of rows that belong together; null after the last one. Without a format only what
     * is wrong with the JSON is known.
     *
     * @throws DataFormatException if the rest of the source cannot be read
     */
    public @Nullable Scanned next() {
        JsonLine line = nextLine();
        if (line == null) {
            return null;
        }
        if (format() instanceof GroupFormat grouped
                && line instanceof JsonLine.Value value
                && value.value() instanceof ObjectNode object) {
            List<ObjectNode> group = group(grouped, line, object);
            return new Scanned(line.file(), line.line(), group, grouped.parseGroup(group));
        }
        return scan(line, format());
    }

    /** One row; may be called by any thread. */
    private static Scanned scan(JsonLine line, @Nullable RowFormat format) {
        if (line instanceof JsonLine.Bad bad) {
            DataFormatException e = bad.exception();
            Rule rule = e.reason().startsWith(BAD_UTF8) ? Rule.BAD_UTF8 : Rule.MALFORMED_JSON;
            return refused(line, rule, e.reason());
        }
        if (!(line.orThrow() instanceof ObjectNode object)) {
            return refused(line, Rule.MALFORMED_JSON, "must be a JSON object but is " + Json.describe(line.orThrow()));
        }
        ParsedRow parsed = format == null ? new ParsedRow(List.of(), List.of(), List.of()) : format.parse(object);
        return new Scanned(line.file(), line.line(), List.of(object), parsed);
    }

    /**
     * Passes all rows that are left on, one after the other and in their order; several threads prepare them, as many as
     * {@link Threads} says.
     *
     * @param prepare called by any thread, for several rows at a time: what can be done with a row for itself
     * @param receiver called by this thread with a row and what was prepared of it
     * @param <T> what is prepared
     * @param <X> what the receiver may throw; it ends the reading
     * @throws DataFormatException if the rest of the source cannot be read, after the rows before that
     */
    public <T, X extends Exception> void forEach(Function<Scanned, T> prepare, Receiver<T, X> receiver) throws X {
        JsonLines json = lines.jsonLines();
        boolean apart = json != null && !(format() instanceof GroupFormat);
        while (!apart || json == null || !peeked.isEmpty() || broken != null) {
            Scanned row = next();
            if (row == null) {
                return;
            }
            receiver.receive(row, prepare.apply(row));
        }
        RowFormat format = format();
        try (OrderedWork<List<Prepared<T>>> work = new OrderedWork<>(Threads.count())) {
            boolean ended = false;
            while (true) {
                while (!ended && work.size() < AHEAD_BYTES) {
                    JsonLines.Batch batch = batch(json);
                    ended = batch == null;
                    if (batch != null) {
                        work.add(batch.bytes(), () -> prepared(batch, format, prepare));
                    }
                }
                if (work.isEmpty()) {
                    break;
                }
                for (Prepared<T> row : work.take()) {
                    receiver.receive(row.scanned(), row.result());
                }
            }
        }
        // Where the source is damaged this throws, now that the rows before the damage are done with.
        json.nextBatch();
    }

    private static JsonLines.@Nullable Batch batch(JsonLines json) {
        try {
            return json.nextBatch();
        } catch (DataFormatException e) {
            return null;
        }
    }

    private static <T> List<Prepared<T>> prepared(
            JsonLines.Batch batch, @Nullable RowFormat format, Function<Scanned, T> prepare) {
        List<Prepared<T>> rows = new ArrayList<>();
        for (JsonLine line : batch.parse()) {
            Scanned scanned = scan(line, format);
            rows.add(new Prepared<>(scanned, prepare.apply(scanned)));
        }
        return rows;
    }

    /** The objects behind the first one that have its key; a damaged row ends the group. */
    private List<ObjectNode> group(GroupFormat format, JsonLine firstLine, ObjectNode first) {
        RowGroup group = new RowGroup(groupLimits, firstLine.line(), first);
        Object key = format.groupKey(first);
        while (key != null && hasLine()) {
            JsonLine line = Objects.requireNonNull(nextLine());
            if (!(line instanceof JsonLine.Value value)
                    || !(value.value() instanceof ObjectNode object)
                    || !key.equals(format.groupKey(object))) {
                peeked.addFirst(line);
                break;
            }
            try {
                group.add(line, object);
            } catch (DataFormatException e) {
                // Half a group would be another one, so nothing behind this can be read.
                peeked.clear();
                broken = e;
                throw e;
            }
        }
        return group.objects();
    }

    /** Whether there is another line that can be read; damage is left for {@link #nextLine()} to throw. */
    private boolean hasLine() {
        if (!peeked.isEmpty()) {
            return true;
        }
        if (broken != null) {
            return false;
        }
        try {
            return lines.hasNext();
        } catch (DataFormatException e) {
            broken = e;
            return false;
        }
    }

    private @Nullable JsonLine nextLine() {
        JsonLine line = peeked.poll();
        if (line != null) {
            return line;
        }
        if (broken != null) {
            throw broken;
        }
        return lines.hasNext() ? lines.next() : null;
    }

    private static Scanned refused(JsonLine line, Rule rule, String detail) {
        return new Scanned(line.file(), line.line(), List.of(), ParsedRow.refused(new Problem(rule, detail)));
    }

    @Override
    public void close() {
        lines.close();
    }
}
