package org.rlhf4j.preference.clean;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.NearestName;
import org.rlhf4j.preference.Row;

/** The steps that data is cleaned by. */
@SuppressWarnings("ImmutableEnumChecker") // the sets and lists are copies and the functions make new filters
public enum StepType {
    /** Invalid rows, which otherwise end the cleaning. */
    DROP_INVALID(
            "drop-invalid",
            "leaves out rows that break a rule of rlhf data check; must be the first step",
            EnumSet.allOf(Row.Kind.class),
            List.of(),
            settings -> RowFilter.KEEP_ALL),
    /** Rows that repeat others. */
    DEDUP(
            "dedup",
            "keeps the first of the rows that say the same, or nearly",
            EnumSet.allOf(Row.Kind.class),
            Dedup.PARAMETERS,
            Dedup::new),
    /** Rows that prefer nothing. */
    DROP_TIES(
            "drop-ties",
            "leaves out pairs of probability 0.5 and rankings whose completions are all of one rank",
            EnumSet.of(Row.Kind.PAIR, Row.Kind.RANKING),
            List.of(),
            settings -> new DropTies()),
    /** Rows whose completions only seem to differ. */
    DROP_IDENTICAL(
            "drop-identical",
            "leaves out rows two of whose completions are the same once normalised",
            comparisons(),
            List.of(),
            settings -> new DropIdentical()),
    /** Rows that contradict each other. */
    DROP_CONTRADICTIONS(
            "drop-contradictions",
            "leaves out rows that prefer two completions of a prompt the other way round than other rows do",
            comparisons(),
            DropContradictions.PARAMETERS,
            DropContradictions::new),
    /** Texts that are too short or too long. */
    LENGTH(
            "length",
            "keeps rows whose texts are of some length",
            EnumSet.allOf(Row.Kind.class),
            LengthLimits.PARAMETERS,
            LengthLimits::new),
    /** Completions that are hardly better than others. */
    RATING_GAP(
            "rating-gap",
            "keeps pairs of a margin, and rankings whose best and worst scores differ by so much, at least",
            EnumSet.of(Row.Kind.PAIR, Row.Kind.RANKING),
            RatingGap.PARAMETERS,
            RatingGap::new),
    /** What texts are made of. */
    CHARACTERS(
            "characters",
            "keeps rows whose texts are made of letters, digits and other characters in some proportion",
            EnumSet.allOf(Row.Kind.class),
            CharacterRules.PARAMETERS,
            CharacterRules::new),
    /** Texts that repeat themselves. */
    REPETITION(
            "repetition",
            "leaves out rows whose texts repeat themselves, by the rules of Gopher (arXiv:2112.11446, table A1)",
            EnumSet.allOf(Row.Kind.class),
            RepetitionRules.PARAMETERS,
            RepetitionRules::new),
    /** Pairs whose longer completion is preferred more often than not. */
    BALANCE_LENGTH(
            "balance-length",
            "leaves out pairs by chance until the longer completion is preferred in half of those of any difference",
            EnumSet.of(Row.Kind.PAIR),
            BalanceLength.PARAMETERS,
            BalanceLength::new),
    /** A part of the rows. */
    SAMPLE(
            "sample",
            "keeps a part of the rows, chosen by chance",
            EnumSet.allOf(Row.Kind.class),
            Sample.PARAMETERS,
            Sample::new);

    private final String label;
    private final String meaning;
    private final Set<Row.Kind> kinds;
    private final List<StepParameter> parameters;
    private final Function<StepSettings, RowFilter> start;

    StepType(
            String label,
            String meaning,
            Set<Row.Kind> kinds,
            List<StepParameter> parameters,
            Function<StepSettings, RowFilter> start) {
        this.label = label;
        this.meaning = meaning;
        this.kinds = Set.copyOf(kinds);
        this.parameters = List.copyOf(parameters);
        this.start = start;
    }

    /**
     * The step of a name.
     *
     * @param label such as {@code drop-ties}
     * @return the step
     * @throws DataFormatException without a place, if there is none; the message has the nearest name and all known ones
     */
    public static StepType named(String label) {
        for (StepType type : values()) {
            if (type.label.equals(label)) {
                return type;
            }
        }
        throw new DataFormatException(NearestName.unknown(
                "step", label, Stream.of(values()).map(StepType::label).toList()));
    }

    /** The name on the command line. */
    public String label() {
        return label;
    }

    /** What it does, in one line. */
    public String meaning() {
        return meaning;
    }

    /** Whether it can be taken with rows of a kind. */
    public boolean takes(Row.Kind kind) {
        return kinds.contains(kind);
    }

    /** What it may be told. */
    public List<StepParameter> parameters() {
        return parameters;
    }

    /** The step at work, at its start. */
    RowFilter start(StepSettings settings) {
        return start.apply(settings);
    }

    private static Set<Row.Kind> comparisons() {
        return EnumSet.of(Row.Kind.PAIR, Row.Kind.RANKING, Row.Kind.PARTIAL_ORDER);
    }
}
