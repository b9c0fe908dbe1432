package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Rule;

/**
 * Stanford Human Preferences, SHP and SHP-2 (arXiv:2110.08420): a post and two comments with different votes.
 *
 * @param minScoreRatio rows with a lower ratio of votes, better to worse, are left out; those of the data are at least 1
 */
record ShpFormat(double minScoreRatio) implements RowFormat {
    private static final String SETTING = "min-score-ratio";

    ShpFormat() {
        this(1);
    }

    @Override
    public String name() {
        return "shp";
    }

    @Override
    public String layout() {
        return "{\"history\", \"human_ref_A\", \"human_ref_B\", \"labels\", \"score_ratio\"}, labels 1 where A is preferred, 0 where B";
    }

    @Override
    public String schema() {
        return "https://huggingface.co/datasets/stanfordnlp/SHP, https://huggingface.co/datasets/stanfordnlp/SHP-2";
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.PAIR;
    }

    @Override
    public List<FormatSetting> settings() {
        return List.of(new FormatSetting(
                SETTING,
                "leaves out rows whose score_ratio is lower; the data card advises 2 or more",
                Double.toString(minScoreRatio)));
    }

    @Override
    public RowFormat with(Map<String, String> values) {
        return new ShpFormat(Settings.number(values, SETTING, minScoreRatio));
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        boolean fits = RowFields.has(row, "history")
                && RowFields.has(row, "human_ref_A")
                && RowFields.has(row, "human_ref_B")
                && RowFields.has(row, "labels");
        return fits ? "it has \"history\", \"human_ref_A\", \"human_ref_B\" and \"labels\"" : null;
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        Preferred.Two two = new Preferred.Two(
                fields.textContent("history"), fields.textContent("human_ref_A"), fields.textContent("human_ref_B"));
        Long label = fields.integer("labels");
        if (label != null && label != 0 && label != 1) {
            fields.problems()
                    .add(Rule.BAD_NUMBER, "field \"labels\" is " + label + ", must be 1 (A is preferred) or 0 (B)");
            label = null;
        }
        Double ratio = fields.requiredNumber("score_ratio");
        Preferred preferred = label == null ? null : label == 1 ? Preferred.FIRST : Preferred.SECOND;
        ParsedRow pair = Preferred.row(fields, two, preferred, null, Origin.NONE);
        if (pair.isRefused() || ratio == null || ratio >= minScoreRatio) {
            return pair;
        }
        fields.problems().add(Rule.NOTHING_COMPARED, "score_ratio is " + ratio + ", below " + minScoreRatio);
        return new ParsedRow(List.of(), fields.problems().list(), pair.unused());
    }
}
