package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.NearestName;
import org.rlhf4j.preference.Row;

/** One layout of data rows: how it is recognised, and how a JSON object of it becomes a {@link Row}. */
public interface RowFormat {
    /** Where the layouts that are this project's own are documented. */
    String OWN_SCHEMA = "docs/preference-data.md";

    /** All formats, in the order in which they are listed to users. */
    static List<RowFormat> all() {
        return List.of(
                new PairFormat(),
                new RankingFormat(),
                new PartialOrderFormat(),
                new UnpairedFormat(),
                new StepwiseFormat(),
                new HhRlhfFormat(),
                new ImplicitPairFormat(),
                new DemonstrationFormat(),
                new PromptFormat(),
                new ChoiceFormat(),
                new ArenaFormat(),
                new ArenaTableFormat(),
                new UltraFeedbackFormat(),
                new UltraFeedbackBinarizedFormat(),
                new HelpSteer2Format(),
                new HelpSteer2PreferenceFormat(),
                new HelpSteer3Format(),
                new OasstTreeFormat(),
                new OasstMessageFormat(),
                new SummarizeFromFeedbackFormat(),
                new WebGptFormat(),
                new ShpFormat(),
                new NectarFormat(),
                new RankedResponsesFormat(),
                new ArgillaFormat(),
                new ArgillaColumnsFormat(),
                new LabelStudioPairwiseFormat(),
                new LabelStudioRankerFormat());
    }

    /**
     * The format of a name.
     *
     * @param name such as {@code hh-rlhf}
     * @return the format
     * @throws DataFormatException if there is no such format; the message has the nearest name and all known ones
     */
    static RowFormat named(String name) {
        for (RowFormat format : all()) {
            if (format.name().equals(name)) {
                return format;
            }
        }
        throw new DataFormatException(NearestName.unknown(
                "format", name, all().stream().map(RowFormat::name).toList()));
    }

    /** The name on the command line. */
    String name();

    /** What a row looks like, in one line. */
    String layout();

    /** Where the layout is documented, as something to cite. */
    String schema();

    /** What its rows become. */
    Row.Kind kind();

    /**
     * Whether a row looks like this format.
     *
     * @param row a row of the data
     * @return what speaks for it, as a clause such as {@code it has "prompt" and "completions"}; null if it does not
     */
    @Nullable
    String evidence(ObjectNode row);

    /**
     * Whether rows of other formats may look like this one: then it stands back where one of those fits. So a row with a
     * prompt is taken for a prompt only if nothing that is made of a prompt and more fits it.
     */
    default boolean isGeneral() {
        return false;
    }

    /**
     * Reads a row.
     *
     * @param row a row of the data
     * @return the typed row or why there is none; never throws for bad data
     */
    ParsedRow parse(ObjectNode row);

    /** What a user may choose about it. */
    default List<FormatSetting> settings() {
        return List.of();
    }

    /**
     * The same format with other choices.
     *
     * @param values values by the names of {@link #settings()}; a setting that is not mentioned stays as it is
     * @return the format
     * @throws DataFormatException without a place, if a value is not one that its setting takes
     */
    default RowFormat with(Map<String, String> values) {
        return this;
    }
}
