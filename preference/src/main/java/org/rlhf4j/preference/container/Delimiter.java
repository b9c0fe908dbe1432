package org.rlhf4j.preference.container;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.rlhf4j.base.DataFormatException;

/** What divides the cells of a table (RFC 4180, with the delimiters that people use in place of the comma). */
enum Delimiter {
    COMMA(',', "CSV", "commas"),
    TAB('\t', "TSV", "tabs"),
    SEMICOLON(';', "CSV with semicolons", "semicolons");

    /** More columns than any table of text has; each row needs an object with as many fields. */
    static final int MAX_COLUMNS = 4096;

    private final char character;
    private final String container;
    private final String plural;

    Delimiter(char character, String container, String plural) {
        this.character = character;
        this.container = container;
        this.plural = plural;
    }

    char character() {
        return character;
    }

    /** What a file with it is called. */
    String container() {
        return container;
    }

    String plural() {
        return plural;
    }

    /**
     * The cells of one record.
     *
     * @param record without its line end
     * @return at least one cell
     * @throws DataFormatException without a place, if the quotes are wrong or there are too many cells
     */
    List<String> cells(String record) {
        try {
            List<String> cells = CsvReader.builder()
                    .fieldSeparator(character)
                    .skipEmptyLines(false)
                    .ofSingleCsvRecord(record)
                    .getFields();
            if (cells.size() > MAX_COLUMNS) {
                throw new DataFormatException("has more than " + MAX_COLUMNS + " cells");
            }
            return cells;
        } catch (CsvParseException | IllegalArgumentException | IllegalStateException e) {
            throw new DataFormatException(
                    "",
                    0,
                    "malformed " + container + ": " + reason(e) + " (a cell with quotes, line ends or " + plural
                            + " must be quoted, a quote in it doubled)",
                    e);
        }
    }

    private static String reason(RuntimeException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        String message = String.valueOf(cause.getMessage());
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }

    /** Why these cells cannot be the names of columns; empty if they can. */
    static String headerProblem(List<String> names) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            // The index that pandas writes unless it is told not to stands first and has no name.
            if (name.isBlank() && i > 0) {
                return "the header has no name for column " + (i + 1);
            }
            if (!seen.add(name)) {
                return "the header names the column \"" + name + "\" twice";
            }
        }
        return names.size() == 1 && names.get(0).isBlank() ? "the header has no name for column 1" : "";
    }
}
