package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonLine;

/**
 * Tells the format of a file from its first rows: the one that three quarters of them look like. The others are bad rows,
 * reported when they are read, wherever they stand. Rows that look like no format have no say as long as others do.
 */
public final class FormatDetection {
    private static final String ADVICE = "; name the format to settle it (--from)";

    /** A format and what spoke for it. */
    public record Detected(RowFormat format, String evidence) {}

    /** The rows that look like a format: how many, and the first of them. */
    private record Votes(RowFormat format, int count, Voter first) {}

    private record Voter(int number, JsonLine.Value place, ObjectNode row, List<RowFormat> formats) {}

    private FormatDetection() {}

    /**
     * Looks at rows.
     *
     * @param file the file, for messages
     * @param rows the first rows; those that are no JSON objects are passed over
     * @param sameColumns whether the rows have all the same columns: a row is then judged with those that are empty in it,
     *     so that empty cells do not make it one of another format
     * @param candidates the formats in question
     * @return the format
     * @throws DataFormatException if no format fits, several do, the rows differ, or there is no JSON object
     */
    public static Detected detect(String file, List<JsonLine> rows, boolean sameColumns, List<RowFormat> candidates) {
        List<JsonLine.Value> objects = new ArrayList<>();
        for (JsonLine row : rows) {
            if (row instanceof JsonLine.Value value && value.value() instanceof ObjectNode) {
                objects.add(value);
            }
        }
        if (objects.isEmpty()) {
            throw new DataFormatException(
                    file, 0, "the format cannot be told: not one of the first rows is a JSON object");
        }
        List<Voter> voters = voters(objects, sameColumns, candidates);
        if (voters.isEmpty()) {
            JsonLine.Value first = objects.get(0);
            throw new DataFormatException(first.file(), first.line(), noneFits((ObjectNode) first.value()));
        }
        List<Votes> votes = votes(voters, candidates);
        Votes most = votes.get(0);
        if (4L * most.count < 3L * voters.size()) {
            JsonLine.Value other = firstOther(voters, most.format).place;
            throw new DataFormatException(other.file(), other.line(), mixed(file, voters.size(), votes));
        }
        List<RowFormat> equal = votes.stream()
                .filter(other -> other.count == most.count)
                .map(Votes::format)
                .toList();
        if (equal.size() > 1) {
            throw new DataFormatException(
                    file, 0, "the format is ambiguous: the first rows look like " + names(equal, " and ") + ADVICE);
        }
        return new Detected(most.format, String.valueOf(most.format.evidence(most.first.row)));
    }

    /** The rows that look like a format. */
    private static List<Voter> voters(List<JsonLine.Value> rows, boolean sameColumns, List<RowFormat> candidates) {
        ObjectNode columns = Json.object();
        if (sameColumns) {
            rows.forEach(row -> fill(columns, (ObjectNode) row.value()));
        }
        List<Voter> voters = new ArrayList<>();
        for (JsonLine.Value value : rows) {
            ObjectNode row = (ObjectNode) value.value();
            ObjectNode judged = row;
            List<RowFormat> formats = List.of();
            if (sameColumns) {
                judged = Json.object();
                fill(judged, row);
                fill(judged, columns);
                formats = fitting(judged, candidates);
            }
            if (formats.isEmpty()) {
                // Of a table whose columns together fit nothing, a row may still: texts beside lists of messages.
                judged = row;
                formats = fitting(row, candidates);
            }
            if (!formats.isEmpty()) {
                voters.add(new Voter(voters.size(), value, judged, formats));
            }
        }
        return voters;
    }

    /** Gives a row the values of another one that it has not. */
    private static void fill(ObjectNode row, ObjectNode other) {
        for (Map.Entry<String, JsonNode> field : other.properties()) {
            if (!RowFields.has(row, field.getKey())) {
                row.set(field.getKey(), field.getValue());
            }
        }
    }

    /** The formats that rows look like, the one of most rows first. */
    private static List<Votes> votes(List<Voter> voters, List<RowFormat> candidates) {
        List<Votes> votes = new ArrayList<>();
        for (RowFormat format : candidates) {
            List<Voter> fitting = voters.stream()
                    .filter(voter -> voter.formats.contains(format))
                    .toList();
            if (!fitting.isEmpty()) {
                votes.add(new Votes(format, fitting.size(), fitting.get(0)));
            }
        }
        votes.sort(Comparator.comparingInt(Votes::count).reversed().thenComparingInt(vote -> vote.first.number));
        return votes;
    }

    private static Voter firstOther(List<Voter> voters, RowFormat format) {
        return voters.stream()
                .filter(voter -> !voter.formats.contains(format))
                .findFirst()
                .orElseThrow();
    }

    private static String mixed(String file, int rows, List<Votes> votes) {
        String each = votes.stream()
                .map(vote -> vote.count + " like " + vote.format.name() + " (" + place(file, vote.first.place) + ")")
                .collect(Collectors.joining(", "));
        return "rows of different formats: of the first " + rows + " look " + each
                + ", and no format is that of three quarters" + ADVICE;
    }

    private static String place(String file, JsonLine.Value row) {
        return row.file().equals(file) ? "line " + row.line() : row.file() + ":" + row.line();
    }

    private static List<RowFormat> fitting(ObjectNode row, List<RowFormat> candidates) {
        List<RowFormat> fitting = candidates.stream()
                .filter(format -> format.evidence(row) != null)
                .toList();
        List<RowFormat> particular =
                fitting.stream().filter(format -> !format.isGeneral()).toList();
        return particular.isEmpty() ? fitting : particular;
    }

    private static String noneFits(ObjectNode row) {
        List<String> fields = new ArrayList<>();
        row.fieldNames().forEachRemaining(fields::add);
        String seen = fields.isEmpty()
                ? "no fields"
                : "the fields " + fields.stream().limit(12).map(Excerpt::of).collect(Collectors.joining(", "));
        return "no known format fits " + seen + " (known: " + names(RowFormat.all(), ", ")
                + "; rlhf data formats shows them)" + ADVICE + ", or the fields (--column)";
    }

    private static String names(List<RowFormat> formats, String joint) {
        return formats.stream().map(RowFormat::name).collect(Collectors.joining(joint));
    }
}
