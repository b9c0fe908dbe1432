package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Rule;

/**
 * A table of comparisons: a prompt, two completions, and a word or number that says which one is preferred.
 *
 * @param codes what the numbers of the preference mean, one of {@link #CODES}
 */
record ChoiceFormat(String codes) implements RowFormat {
    /** The first number stands for the first completion, the second for the second. */
    private static final List<String> CODES = List.of("1/2", "0/1", "1/0");

    /** The columns of one layout. */
    private record Columns(String prompt, String first, String second, String preference) {
        boolean fit(ObjectNode row) {
            return RowFields.has(row, prompt)
                    && RowFields.has(row, first)
                    && RowFields.has(row, second)
                    && RowFields.has(row, preference);
        }
    }

    private static final Columns PLAIN = new Columns("prompt", "completion_a", "completion_b", "preference");
    private static final Columns SUMMARIES = new Columns("Input text", "Summary 1", "Summary 2", "Preference");

    private static final Pattern NOUN =
            Pattern.compile("^(?:the )?(?:summary|completion|response|answer|model|output|option|text|candidate) ?");
    private static final Set<String> FIRST = Set.of("a", "first", "left");
    private static final Set<String> SECOND = Set.of("b", "second", "right");
    private static final Set<String> NEITHER = Set.of(
            "tie",
            "tied",
            "equal",
            "same",
            "draw",
            "both",
            "neither",
            "none",
            "no preference",
            "both good",
            "both bad");

    ChoiceFormat() {
        this(CODES.get(0));
    }

    @Override
    public String name() {
        return "choice";
    }

    @Override
    public String layout() {
        return "{\"prompt\", \"completion_a\", \"completion_b\", \"preference\"}, preference a or b, 1 or 2, tie; or the"
                + " columns Input text, Summary 1, Summary 2, Preference";
    }

    @Override
    public String schema() {
        return OWN_SCHEMA;
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.PAIR;
    }

    @Override
    public List<FormatSetting> settings() {
        return List.of(new FormatSetting(
                "codes",
                "the numbers that stand for the first and the second completion: 1/2, 0/1, or 1/0 (1 says that the first"
                        + " is preferred)",
                codes));
    }

    @Override
    public RowFormat with(Map<String, String> values) {
        return new ChoiceFormat(Settings.oneOf(values, "codes", CODES, codes));
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        Columns columns = columns(row);
        return columns.fit(row)
                ? "it has \"" + columns.prompt + "\", \"" + columns.first + "\", \"" + columns.second + "\" and \""
                        + columns.preference + "\""
                : null;
    }

    private static Columns columns(ObjectNode row) {
        return row.has(SUMMARIES.first) && row.has(SUMMARIES.second) ? SUMMARIES : PLAIN;
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        Columns columns = columns(row);
        Content prompt = fields.content(columns.prompt);
        Content first = fields.content(columns.first);
        Content second = fields.content(columns.second);
        Preferred.Two two = new Preferred.Two(prompt, first, second, fields.name("model_a"), fields.name("model_b"));
        Origin origin = fields.origin();
        Double margin = fields.number("margin");
        return Preferred.row(fields, two, preferred(fields, columns), margin, origin);
    }

    private @Nullable Preferred preferred(RowFields fields, Columns columns) {
        JsonNode value = fields.value(columns.preference);
        if (value == null || !(value.isTextual() || value.isIntegralNumber())) {
            if (value == null) {
                fields.text(columns.preference);
            } else {
                fields.wrongType(columns.preference, "a word or an integer", value);
            }
            return null;
        }
        String word = NOUN.matcher(
                        value.asText().strip().toLowerCase(Locale.ROOT).replace('_', ' '))
                .replaceFirst("");
        Preferred preferred = number(word);
        if (preferred == null) {
            preferred = FIRST.contains(word)
                    ? Preferred.FIRST
                    : SECOND.contains(word) ? Preferred.SECOND : NEITHER.contains(word) ? Preferred.NEITHER : null;
        }
        if (preferred == null) {
            fields.problems()
                    .add(
                            word.equals("0") || word.equals("2") ? Rule.AMBIGUOUS_ROW : Rule.WRONG_TYPE,
                            advice(columns, value));
        }
        return preferred;
    }

    private @Nullable Preferred number(String word) {
        String[] numbers = codes.split("/", -1);
        return word.equals(numbers[0]) ? Preferred.FIRST : word.equals(numbers[1]) ? Preferred.SECOND : null;
    }

    private String advice(Columns columns, JsonNode value) {
        return "field \"" + columns.preference + "\" is " + Excerpt.of(value) + ", but " + codes.replace("/", " or ")
                + ", a or b, first or second, left or right, or tie is expected; where the numbers mean something else, say"
                + " --with codes=0/1 (0 is the first) or codes=1/0 (1 is the first)";
    }
}
