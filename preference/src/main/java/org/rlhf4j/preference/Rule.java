package org.rlhf4j.preference;

/** What a row, a file or a set of files can be refused or warned for; the list that {@code rlhf data check} works by. */
public enum Rule {
    /** The line is not one JSON object. */
    MALFORMED_JSON("malformed-json", Severity.ERROR, "the line is not one JSON object"),
    /** Bytes that are not UTF-8. */
    BAD_UTF8("bad-utf8", Severity.ERROR, "the bytes are not UTF-8"),
    /** Reading ended before the end of the file. */
    UNREADABLE("unreadable", Severity.ERROR, "reading ended early: a damaged archive or a line without end"),
    /** The format cannot be told. */
    UNKNOWN_FORMAT("unknown-format", Severity.ERROR, "the format cannot be told from the first rows"),
    /** A file without rows. */
    NO_ROWS("no-rows", Severity.ERROR, "the file holds no rows"),
    /** A field that the format needs is absent. */
    MISSING_FIELD("missing-field", Severity.ERROR, "a field that the format needs is absent"),
    /** A field holds another kind of value. */
    WRONG_TYPE("wrong-type", Severity.ERROR, "a field holds another kind of value than the format says"),
    /** Nothing but white space in the prompt. */
    BLANK_PROMPT("blank-prompt", Severity.ERROR, "the prompt is empty or white space"),
    /** Nothing but white space in a completion. */
    BLANK_COMPLETION("blank-completion", Severity.ERROR, "a completion is empty or white space"),
    /** Chosen equals rejected, or a ranking lists a text twice. */
    SAME_COMPLETIONS("same-completions", Severity.ERROR, "chosen equals rejected, or a ranking lists a text twice"),
    /** A probability outside [0, 1]. */
    BAD_PROBABILITY("bad-probability", Severity.ERROR, "a probability is outside 0 to 1"),
    /** A margin, weight or score that no trainer can use. */
    BAD_NUMBER("bad-number", Severity.ERROR, "a margin or score is not finite, or a weight is not positive"),
    /** Ranks or scores that do not make an order. */
    BAD_RANKING("bad-ranking", Severity.ERROR, "too few completions, or ranks and scores missing or mixed"),
    /** An implicit prompt that is not there. */
    NO_SHARED_PROMPT("no-shared-prompt", Severity.ERROR, "chosen and rejected share no prompt"),
    /** A row that could be read in two ways. */
    AMBIGUOUS_ROW("ambiguous-row", Severity.ERROR, "the row could be read in two ways"),
    /** One id, several rows. */
    REPEATED_ID("repeated-id", Severity.ERROR, "an id stands on more than one row"),
    /** The same row again. */
    DUPLICATE_ROW("duplicate-row", Severity.WARNING, "the row repeats an earlier one"),
    /** A over B here, B over A there. */
    CONTRADICTION("contradiction", Severity.WARNING, "two completions are preferred both ways for one prompt"),
    /** A completion that goes on with the other speaker's turn. */
    SEVERAL_TURNS("several-turns", Severity.WARNING, "a completion runs over several turns of the dialogue"),
    /** A field that no reader uses. */
    UNUSED_FIELD("unused-field", Severity.WARNING, "a field is not used and not carried over"),
    /** One prompt in two files. */
    PROMPT_OVERLAP("prompt-overlap", Severity.WARNING, "a prompt stands in more than one file"),
    /** Nothing to learn from, by the nature of the data or by a setting. */
    NOTHING_COMPARED("nothing-compared", Severity.NOTE, "the row compares nothing, or a setting leaves it out");

    /** How bad it is: an error refuses the data, the others do not. */
    public enum Severity {
        /** Refused: the row cannot be trained on. */
        ERROR("error"),
        /** Worth a look. */
        WARNING("warning"),
        /** As it should be, but good to know. */
        NOTE("note");

        private final String label;

        Severity(String label) {
            this.label = label;
        }

        /** The word in reports. */
        public String label() {
            return label;
        }
    }

    private final String id;
    private final Severity severity;
    private final String meaning;

    Rule(String id, Severity severity, String meaning) {
        this.id = id;
        this.severity = severity;
        this.meaning = meaning;
    }

    /** The name in reports, such as {@code blank-completion}. */
    public String id() {
        return id;
    }

    /** Whether it refuses the data. */
    public Severity severity() {
        return severity;
    }

    /** One line for people. */
    public String meaning() {
        return meaning;
    }

    /** Whether it refuses the data. */
    public boolean isError() {
        return severity == Severity.ERROR;
    }
}
