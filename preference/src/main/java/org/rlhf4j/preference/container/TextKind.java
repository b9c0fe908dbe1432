package org.rlhf4j.preference.container;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.ByteSource;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;

/** Tells JSON from a table by the first lines; the file's name decides only where they leave it open. */
final class TextKind {
    private static final int SHORT_LOOK = 6;
    private static final int SHOWN = 40;

    /** How many records are looked at: the first ones may be damaged. */
    private static final int RECORDS = 16;

    private TextKind() {}

    /**
     * Looks at the first lines.
     *
     * @param source of which nothing but a byte order mark was read
     * @param name the file's name
     * @return what divides the table's cells; null for JSON
     * @throws DataFormatException without a place, if it cannot be told
     */
    static @Nullable Delimiter of(ByteSource source, String name) throws IOException {
        String start = text(source.peek(SHORT_LOOK));
        if (isJson(start)) {
            return null;
        }
        byte[] bytes = source.peek(ByteSource.SIZE);
        start = text(bytes);
        List<String> lines = lines(start, bytes.length < ByteSource.SIZE);
        if (isJson(start) || start.isBlank() || lines.stream().limit(2).anyMatch(TextKind::parses)) {
            return null;
        }
        List<Delimiter> fitting = new ArrayList<>();
        for (Delimiter delimiter : Delimiter.values()) {
            if (fits(delimiter, start, bytes.length < ByteSource.SIZE)) {
                fitting.add(delimiter);
            }
        }
        if (fitting.size() == 1) {
            return fitting.get(0);
        }
        return byName(name, fitting, start);
    }

    private static boolean isJson(String start) {
        String text = start.stripLeading();
        return text.startsWith("{") || text.startsWith("[");
    }

    private static boolean parses(String line) {
        try {
            Json.parse(line, Json.Size.ROW);
            return true;
        } catch (DataFormatException e) {
            return false;
        }
    }

    /** The lines that are not blank; the last one only where it is whole. */
    private static List<String> lines(String start, boolean whole) {
        int end = whole ? start.length() : start.lastIndexOf('\n') + 1;
        return start.substring(0, end).lines().filter(line -> !line.isBlank()).toList();
    }

    /** Whether the first record is a header of several columns, and one of the next few has as many cells, if there are any. */
    private static boolean fits(Delimiter delimiter, String start, boolean whole) {
        List<List<String>> records = records(delimiter, start, whole);
        if (records.isEmpty() || records.get(0).size() < 2) {
            return false;
        }
        List<String> names = records.get(0);
        return Delimiter.headerProblem(names).isEmpty()
                && (records.size() == 1 || records.stream().skip(1).anyMatch(cells -> cells.size() == names.size()));
    }

    /** The first records that are whole; none where the first one is malformed, without those behind it that are. */
    private static List<List<String>> records(Delimiter delimiter, String start, boolean whole) {
        List<List<String>> records = new ArrayList<>();
        int begin = 0;
        for (int looked = 0; looked < RECORDS && begin < start.length(); looked++) {
            int end = recordEnd(start, begin, delimiter);
            if (end < 0 && !whole) {
                break;
            }
            String record = record(start, begin, end);
            begin = end < 0 ? start.length() : end + 1;
            try {
                if (!record.isEmpty()) {
                    records.add(delimiter.cells(record));
                }
            } catch (DataFormatException e) {
                if (records.isEmpty()) {
                    break;
                }
            }
        }
        return records;
    }

    private static String record(String text, int begin, int end) {
        String record = text.substring(begin, end < 0 ? text.length() : end);
        return record.endsWith("\r") ? record.substring(0, record.length() - 1) : record;
    }

    private static int recordEnd(String text, int begin, Delimiter delimiter) {
        RecordEnd scan = new RecordEnd(delimiter.character());
        for (int i = begin; i < text.length(); i++) {
            if (scan.endsAt(text.charAt(i))) {
                return i;
            }
        }
        return -1;
    }

    private static @Nullable Delimiter byName(String name, List<Delimiter> fitting, String start) {
        String lower = name.toLowerCase(Locale.ROOT).replaceFirst("\\.(gz|zst)$", "");
        boolean csv = lower.endsWith(".csv");
        boolean tsv = lower.endsWith(".tsv");
        if (tsv || (csv && (fitting.isEmpty() || fitting.contains(Delimiter.COMMA)))) {
            return tsv ? Delimiter.TAB : Delimiter.COMMA;
        }
        if (!fitting.isEmpty()) {
            String divided = fitting.stream().map(Delimiter::plural).collect(Collectors.joining(" or "));
            throw new DataFormatException(
                    "is a table, but its columns may be divided by " + divided + "; name it .csv or .tsv to settle it");
        }
        if (lower.endsWith(".json") || lower.endsWith(".jsonl") || lower.endsWith(".ndjson")) {
            return null;
        }
        String first = start.strip().lines().findFirst().orElse("");
        String shown = first.length() <= SHOWN ? first : first.substring(0, SHOWN) + "...";
        throw new DataFormatException("is neither JSON (it starts with " + Json.write(printable(shown))
                + ", not with { or [) nor a table (that line is no header of columns divided by commas, tabs or"
                + " semicolons, with as many cells below); a table of one column must be named .csv or .tsv");
    }

    private static String printable(String text) {
        return text.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?");
    }

    /** Bytes that are not UTF-8, or cut off at the end, have no say here: the rows are read strictly. */
    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
