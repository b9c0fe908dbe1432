package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.JsonLine;

/**
 * Tells the format of a file from its first rows: the one format that all of them look like. Rows that look like none
 * have no say as long as others do; they are reported when they are read.
 */
public final class FormatDetection {
    private static final String ADVICE = "; name the format to settle it (--from)";

    /** A format and what spoke for it. */
    public record Detected(RowFormat format, String evidence) {}

    private FormatDetection() {}

    /**
     * Looks at rows.
     *
     * @param file the file, for messages
     * @param rows the first rows; those that are no JSON objects are passed over
     * @param candidates the formats in question
     * @return the format
     * @throws DataFormatException if no format fits, several do, the rows differ, or there is no JSON object
     */
    public static Detected detect(String file, List<JsonLine> rows, List<RowFormat> candidates) {
        List<RowFormat> common = candidates;
        ObjectNode first = null;
        JsonLine stranger = null;
        for (JsonLine row : rows) {
            if (!(row instanceof JsonLine.Value value) || !(value.value() instanceof ObjectNode object)) {
                continue;
            }
            List<RowFormat> fitting = fitting(object, candidates);
            if (fitting.isEmpty()) {
                stranger = stranger == null ? row : stranger;
                continue;
            }
            if (common.stream().noneMatch(fitting::contains)) {
                String message = "rows of different formats: this one looks like " + names(fitting, " or ")
                        + ", those before like " + names(common, " or ");
                throw new DataFormatException(value.file(), value.line(), message + ADVICE);
            }
            common = common.stream().filter(fitting::contains).toList();
            first = first == null ? object : first;
        }
        if (first == null && stranger != null) {
            throw new DataFormatException(stranger.file(), stranger.line(), noneFits((ObjectNode) stranger.orThrow()));
        }
        if (first == null) {
            throw new DataFormatException(
                    file, 0, "the format cannot be told: not one of the first rows is a JSON object");
        }
        if (common.size() > 1) {
            throw new DataFormatException(
                    file, 0, "the format is ambiguous: the first rows look like " + names(common, " and ") + ADVICE);
        }
        return new Detected(common.get(0), String.valueOf(common.get(0).evidence(first)));
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
