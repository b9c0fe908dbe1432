package org.rlhf4j.preference.convert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.NearestName;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.PromptRow;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.UnpairedPreference;
import org.rlhf4j.preference.container.Column;

/**
 * The fields that rows are written with. The names are those of TRL's dataset formats
 * (https://huggingface.co/docs/trl/dataset_formats).
 */
public enum OutputLayout {
    /** All fields that RLHF4J knows, so that reading gives equal rows. */
    CANONICAL,
    /**
     * Exactly TRL's columns: {@code prompt, chosen, rejected}; {@code prompt, completion}, {@code messages} or
     * {@code text}; {@code prompt, completion, label}; {@code prompt}; {@code prompt, completions, labels}. The more
     * likely completion of a pair is the chosen one; tied pairs are left out.
     */
    TRL,
    /**
     * What TRL's KTOTrainer takes, {@code prompt, completion, label}: of each pair the preferred completion with true, the
     * other one with false. Tied pairs are left out; unpaired preferences stay as they are.
     */
    KTO,
    /** The prompt of every row, one each: a prompt that stands in several rows is written several times. */
    PROMPTS;

    private static final List<String> OPTIONAL_NUMBERS = List.of("margin", "probability", "weight");
    private static final List<String> OPTIONAL_TEXTS =
            List.of("chosen_model", "rejected_model", "id", "source", "annotator");

    /** The name on the command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The layout of a name.
     *
     * @param label such as {@code trl}
     * @throws DataFormatException without a place, if there is none of that name
     */
    public static OutputLayout named(String label) {
        List<String> known = new ArrayList<>();
        for (OutputLayout layout : values()) {
            if (layout.label().equals(label)) {
                return layout;
            }
            known.add(layout.label());
        }
        throw new DataFormatException(NearestName.unknown("layout", label, known));
    }

    /** Whether all rows of a file must have the same fields with values of the same kinds, as loaders of it expect. */
    boolean isUniform() {
        return this != CANONICAL;
    }

    /**
     * What rows of a kind become.
     *
     * @throws DataFormatException without a place, if they cannot be written so
     */
    Row.Kind result(Row.Kind kind) {
        boolean ranked = kind == Row.Kind.RANKING || kind == Row.Kind.PARTIAL_ORDER;
        boolean fits =
                switch (this) {
                    case CANONICAL, PROMPTS -> true;
                    case TRL -> !ranked;
                    case KTO -> kind == Row.Kind.PAIR || kind == Row.Kind.UNPAIRED;
                };
        if (!fits) {
            throw new DataFormatException("holds " + kind.plural() + ", which the layout " + label()
                    + " has no fields for" + (ranked ? "; add --pairs all, or another strategy" : ""));
        }
        return switch (this) {
            case CANONICAL, TRL -> kind;
            case KTO -> Row.Kind.UNPAIRED;
            case PROMPTS -> Row.Kind.PROMPT;
        };
    }

    /** Whether a row has no place in the layout because its completions are tied. */
    boolean leavesOut(Row row) {
        return (this == TRL || this == KTO) && row instanceof PreferencePair pair && pair.isTie();
    }

    /**
     * The rows to write for one row that is not left out.
     *
     * @throws DataFormatException without a place, if a row has no prompt where one is needed
     */
    List<ObjectNode> rows(Row row) {
        return switch (this) {
            case CANONICAL -> List.of(row.toJson());
            case TRL -> List.of(trl(row));
            case KTO -> kto(row);
            case PROMPTS -> List.of(new PromptRow(prompt(row), Origin.NONE).toJson());
        };
    }

    /** The fields of a row that the layout has no place for; what a prompt alone cannot have is not counted. */
    List<String> leftOut(Row row) {
        if (this == CANONICAL || this == PROMPTS) {
            return List.of();
        }
        ObjectNode canonical = row.toJson();
        return Stream.concat(OPTIONAL_NUMBERS.stream(), OPTIONAL_TEXTS.stream())
                .filter(canonical::has)
                .toList();
    }

    private static ObjectNode trl(Row row) {
        if (row instanceof PreferencePair pair) {
            boolean reversed = isReversed(pair);
            ObjectNode written = Json.object();
            written.set("prompt", pair.prompt().toJson());
            written.set("chosen", (reversed ? pair.rejected() : pair.chosen()).toJson());
            written.set("rejected", (reversed ? pair.chosen() : pair.rejected()).toJson());
            return written;
        }
        ObjectNode written = row.toJson();
        written.retain("prompt", "completion", "messages", "text", "label", "completions", "labels");
        return written;
    }

    private static List<ObjectNode> kto(Row row) {
        if (!(row instanceof PreferencePair pair)) {
            return List.of(trl(row));
        }
        boolean reversed = isReversed(pair);
        return List.of(
                trl(new UnpairedPreference(pair.prompt(), pair.chosen(), !reversed, Origin.NONE)),
                trl(new UnpairedPreference(pair.prompt(), pair.rejected(), reversed, Origin.NONE)));
    }

    /** Whether the completion that stands first is the less likely one to be preferred. */
    private static boolean isReversed(PreferencePair pair) {
        Double probability = pair.probability();
        return probability != null && probability < 0.5;
    }

    private static Content prompt(Row row) {
        Content prompt = row.prompt();
        if (prompt == null) {
            throw new DataFormatException("does not say which part of it is the prompt");
        }
        return prompt;
    }

    /**
     * The columns of a written row, for containers whose rows are all alike.
     *
     * @param kind what it is
     * @param written the row
     * @throws DataFormatException without a place, if rows of the kind do not fit into columns
     */
    List<Column> columns(Row.Kind kind, ObjectNode written) {
        if (kind == Row.Kind.RANKING || kind == Row.Kind.PARTIAL_ORDER) {
            throw new DataFormatException(kind.plural()
                    + " are written as JSON Lines only; --pairs makes pairs of them," + " which have columns");
        }
        List<Column> columns = new ArrayList<>();
        for (var field : written.properties()) {
            if (!OPTIONAL_TEXTS.contains(field.getKey()) && !OPTIONAL_NUMBERS.contains(field.getKey())) {
                columns.add(new Column(field.getKey(), type(field.getValue())));
            }
        }
        if (this == CANONICAL) {
            if (kind == Row.Kind.PAIR) {
                OPTIONAL_NUMBERS.forEach(name -> columns.add(new Column(name, Column.Type.NUMBER)));
            }
            OPTIONAL_TEXTS.stream()
                    .filter(name -> kind == Row.Kind.PAIR || !name.endsWith("_model"))
                    .forEach(name -> columns.add(new Column(name, Column.Type.TEXT)));
        }
        return columns;
    }

    private static Column.Type type(JsonNode value) {
        if (value.isTextual()) {
            return Column.Type.TEXT;
        }
        if (value.isBoolean()) {
            return Column.Type.TRUTH;
        }
        JsonNode first = value.path(0);
        if (first.isTextual()) {
            return Column.Type.TEXTS;
        }
        return first.isBoolean() ? Column.Type.TRUTHS : Column.Type.MESSAGES;
    }
}
