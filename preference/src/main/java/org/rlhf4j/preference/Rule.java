package org.rlhf4j.preference;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.NearestName;

/** What a row, a file or a set of files can be refused or warned for; the list that {@code rlhf data check} works by. */
public enum Rule {
    /** The line is not one JSON object. */
    MALFORMED_JSON(
            "malformed-json",
            Severity.ERROR,
            "the line is not one JSON object",
            "write each row with a JSON library: no repeated keys, no NaN, no numbers beyond a double"),
    /** Bytes that are not UTF-8. */
    BAD_UTF8(
            "bad-utf8",
            Severity.ERROR,
            "the bytes are not UTF-8",
            "convert the file, for instance with iconv -t UTF-8"),
    /** Reading ended before the end of the file. */
    UNREADABLE(
            "unreadable",
            Severity.ERROR,
            "reading ended early: a damaged archive or a line without end",
            "fetch or write the file again; what stands behind that place was not read"),
    /** The format cannot be told. */
    UNKNOWN_FORMAT(
            "unknown-format",
            Severity.ERROR,
            "the format cannot be told from the first rows",
            "name the format (--from), and fields that have other names (--column)"),
    /** A file without rows. */
    NO_ROWS("no-rows", Severity.ERROR, "the file holds no rows", "leave the file out, or make it again"),
    /** A field that the format needs is absent. */
    MISSING_FIELD(
            "missing-field",
            Severity.ERROR,
            "a field that the format needs is absent",
            "add the field, or say which one stands for it (--column)"),
    /** A field holds another kind of value. */
    WRONG_TYPE(
            "wrong-type",
            Severity.ERROR,
            "a field holds another kind of value than the format says",
            "correct the value; a string is not a number, and texts and messages are not mixed in a row"),
    /** Nothing but white space in the prompt. */
    BLANK_PROMPT(
            "blank-prompt",
            Severity.ERROR,
            "the prompt is empty or white space",
            "leave the row out (convert --drop-invalid): there is nothing to answer"),
    /** Nothing but white space in a completion. */
    BLANK_COMPLETION(
            "blank-completion",
            Severity.ERROR,
            "a completion is empty or white space",
            "leave the row out (convert --drop-invalid): a model that is taught to say nothing ends at once"),
    /** Chosen equals rejected, or a ranking lists a text twice. */
    SAME_COMPLETIONS(
            "same-completions",
            Severity.ERROR,
            "chosen equals rejected, or a ranking lists a text twice",
            "leave the row out (convert --drop-invalid): its loss has no gradient"),
    /** A probability outside [0, 1]. */
    BAD_PROBABILITY(
            "bad-probability",
            Severity.ERROR,
            "a probability is outside 0 to 1",
            "correct the value; per cent are to be divided by 100"),
    /** A margin, weight or score that no trainer can use. */
    BAD_NUMBER(
            "bad-number",
            Severity.ERROR,
            "a margin or score is not finite, or a weight is not positive",
            "correct the value, or leave the row out instead of giving it the weight 0"),
    /** Ranks or scores that do not make an order. */
    BAD_RANKING(
            "bad-ranking",
            Severity.ERROR,
            "too few completions, or ranks and scores missing or mixed",
            "give every completion a rank, 1 for the best, or every one a score"),
    /** An implicit prompt that is not there. */
    NO_SHARED_PROMPT(
            "no-shared-prompt",
            Severity.ERROR,
            "chosen and rejected share no prompt",
            "add the field \"prompt\", or leave the row out"),
    /** A row that could be read in two ways. */
    AMBIGUOUS_ROW(
            "ambiguous-row",
            Severity.ERROR,
            "the row could be read in two ways",
            "remove the fields of the format that is not meant"),
    /** One id, several rows. */
    REPEATED_ID(
            "repeated-id",
            Severity.ERROR,
            "an id stands on more than one row",
            "make the ids different, or leave the field out"),
    /** The same row again. */
    DUPLICATE_ROW(
            "duplicate-row",
            Severity.WARNING,
            "the row repeats an earlier one",
            "remove repetitions, unless a row is meant to count several times"),
    /** A over B here, B over A there. */
    CONTRADICTION(
            "contradiction",
            Severity.WARNING,
            "two completions are preferred both ways for one prompt",
            "normal between annotators, as long as it is rare; otherwise a sign of swapped columns"),
    /** One person says A over B here, B over A there. */
    SELF_CONTRADICTION(
            "self-contradiction",
            Severity.WARNING,
            "an annotator prefers two completions of a prompt both ways",
            "ask again, or leave both rows out; rlhf data agreement says how often it happens"),
    /** A over B, B over C, C over A. */
    PREFERENCE_CYCLE(
            "preference-cycle",
            Severity.WARNING,
            "completions of a prompt are preferred in a circle",
            "no score can agree with all of them; rlhf data rank --of completions gives the one that does best"),
    /** A completion that goes on with the other speaker's turn. */
    SEVERAL_TURNS(
            "several-turns",
            Severity.WARNING,
            "a completion runs over several turns of the dialogue",
            "cut it behind the first turn: a model learns to speak for the user"),
    /** Turns in an order that chat templates refuse or that teaches the wrong speaker. */
    ROLE_ORDER(
            "role-order",
            Severity.WARNING,
            "the turns of a conversation are not in the order of speakers",
            "join turns of one speaker, put the system's first, and let the assistant answer the user"),
    /** A role that chat templates do not know. */
    UNKNOWN_ROLE(
            "unknown-role",
            Severity.WARNING,
            "a role is none of system, developer, user, assistant, tool and function",
            "rename the role: most chat templates refuse or skip others"),
    /** A turn that says nothing. */
    EMPTY_TURN(
            "empty-turn",
            Severity.WARNING,
            "a turn of a conversation is empty or white space",
            "remove the turn or the row: a model learns to end at once"),
    /** A completion that begins by repeating the prompt. */
    PROMPT_IN_COMPLETION(
            "prompt-in-completion",
            Severity.WARNING,
            "a completion begins with the whole prompt",
            "cut the prompt off the completion: it would be trained on twice"),
    /** Chosen and rejected that only a program could tell apart. */
    ONLY_WHITE_SPACE(
            "only-white-space",
            Severity.WARNING,
            "two completions differ in nothing but white space",
            "leave the row out: a model learns to count spaces"),
    /** A token of a chat template that the text spells out. */
    SPECIAL_TOKEN(
            "special-token",
            Severity.WARNING,
            "a text spells a chat model's special token, such as <|im_end|>",
            "take the template's tokens out of the text: they are added in training, and twice they end a turn early"),
    /** U+FFFD in a text. */
    REPLACEMENT_CHARACTER(
            "replacement-character",
            Severity.WARNING,
            "a text has U+FFFD: a character was lost when it was decoded",
            "make the file again from its source, decoded rightly"),
    /** UTF-8 that was once read as Latin-1 or Windows-1252. */
    MOJIBAKE(
            "mojibake",
            Severity.WARNING,
            "a text has UTF-8 that was read as Windows-1252, such as \u00E2\u20AC\u2122 or \u00C3\u00A9",
            "make the file again from its source, read as UTF-8"),
    /** NUL, escape and other characters without a picture. */
    CONTROL_CHARACTER(
            "control-character",
            Severity.WARNING,
            "a text has a control character other than tab and line ends",
            "remove the characters: tokenizers make tokens of them that the model has hardly seen"),
    /** A field that no reader uses. */
    UNUSED_FIELD(
            "unused-field",
            Severity.WARNING,
            "a field is not used and not carried over",
            "look whether it should have another name (--column); otherwise nothing"),
    /** One prompt in two files. */
    PROMPT_OVERLAP(
            "prompt-overlap",
            Severity.WARNING,
            "a prompt stands in more than one file",
            "split by prompt (rlhf data split), where one of the files is for evaluation"),
    /** Labels of which one never occurs. */
    ONE_LABEL(
            "one-label",
            Severity.WARNING,
            "all labels of a file with 20 or more are the same",
            "add rows with the other label: without both there is nothing to tell apart"),
    /** Length gives the answer away. */
    ONE_LENGTH_ORDER(
            "one-length-order",
            Severity.NOTE,
            "the longer completion is chosen in all pairs of a file with 20 or more, or in none",
            "balance the lengths: a model learns the length and nothing else"),
    /** Left-overs of a web page. */
    HTML_ENTITY(
            "html-entity",
            Severity.NOTE,
            "a text has an HTML entity, such as &amp; or &#39;",
            "unescape texts that come from a web page; code about HTML has them rightly"),
    /** One annotator says A over B, another one B over A. */
    ANNOTATORS_DISAGREE(
            "annotators-disagree",
            Severity.NOTE,
            "annotators prefer two completions of a prompt both ways",
            "nothing; rlhf data agreement says how far they agree, and so how well a scorer can do"),
    /** Too many completions of one prompt. */
    CYCLES_NOT_SOUGHT(
            "cycles-not-sought",
            Severity.NOTE,
            "a prompt has so many compared completions that cycles among them were not looked for",
            "nothing, or check the rows of this prompt in parts"),
    /** Nothing to learn from, by the nature of the data or by a setting. */
    NOTHING_COMPARED(
            "nothing-compared",
            Severity.NOTE,
            "the row compares nothing, or a setting leaves it out",
            "nothing, if that is as expected; the settings are listed by rlhf data formats");

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
    private final String advice;

    Rule(String id, Severity severity, String meaning, String advice) {
        this.id = id;
        this.severity = severity;
        this.meaning = meaning;
        this.advice = advice;
    }

    /**
     * The rule of a name.
     *
     * @param id such as {@code blank-completion}
     * @return the rule
     * @throws DataFormatException if there is none; the message has the nearest name and all known ones
     */
    public static Rule named(String id) {
        for (Rule rule : values()) {
            if (rule.id.equals(id)) {
                return rule;
            }
        }
        throw new DataFormatException(NearestName.unknown(
                "rule", id, Stream.of(values()).map(Rule::id).toList()));
    }

    /** All rules as {@code rlhf data rules --json} prints them: {@code id, severity, meaning, advice}. */
    public static List<Map<String, String>> list() {
        List<Map<String, String>> rules = new ArrayList<>();
        for (Rule rule : values()) {
            Map<String, String> entry = new LinkedHashMap<>();
            entry.put("id", rule.id);
            entry.put("severity", rule.severity.label);
            entry.put("meaning", rule.meaning);
            entry.put("advice", rule.advice);
            rules.add(entry);
        }
        return rules;
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

    /** What to do about it, in one line. */
    public String advice() {
        return advice;
    }

    /** Whether it refuses the data. */
    public boolean isError() {
        return severity == Severity.ERROR;
    }
}
