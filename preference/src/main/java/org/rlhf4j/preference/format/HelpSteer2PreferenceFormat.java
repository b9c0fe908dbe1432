package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Rule;

/**
 * HelpSteer2-Preference (arXiv:2410.01257): two answers and by how much the second one is better, from -3 to 3.
 *
 * @param margins whether the strength of the preference is the margin
 */
record HelpSteer2PreferenceFormat(boolean margins) implements RowFormat {
    private static final int STRONGEST = 3;

    HelpSteer2PreferenceFormat() {
        this(false);
    }

    @Override
    public String name() {
        return "helpsteer2-preference";
    }

    @Override
    public String layout() {
        return "{\"prompt\", \"response_1\", \"response_2\", \"preference_strength\"}, from -3 (the first is much better) to 3"
                + " (the second is), 0 a tie";
    }

    @Override
    public String schema() {
        return "https://huggingface.co/datasets/nvidia/HelpSteer2 (preference)";
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.PAIR;
    }

    @Override
    public List<FormatSetting> settings() {
        return Margins.settings(margins);
    }

    @Override
    public RowFormat with(Map<String, String> values) {
        return new HelpSteer2PreferenceFormat(Margins.scores(values, margins));
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        boolean fits = RowFields.has(row, "response_1")
                && RowFields.has(row, "response_2")
                && RowFields.has(row, "preference_strength");
        return fits ? "it has \"response_1\", \"response_2\" and \"preference_strength\"" : null;
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        Content prompt = fields.textContent("prompt");
        Preferred.Two two =
                new Preferred.Two(prompt, fields.textContent("response_1"), fields.textContent("response_2"));
        return strength(fields, two, "preference_strength", margins);
    }

    /** The row of two answers and a strength from -3 to 3, positive where the second is better. */
    static ParsedRow strength(RowFields fields, Preferred.Two two, String name, boolean margins) {
        Long strength = fields.integer(name);
        if (strength != null && Math.abs(strength) > STRONGEST) {
            fields.problems()
                    .add(
                            Rule.BAD_NUMBER,
                            "field \"" + fields.path(name) + "\" is " + strength + ", must be from -3 to 3");
            strength = null;
        }
        Preferred preferred = strength == null ? null : Preferred.higher(0, strength.doubleValue());
        Double margin = margins && strength != null ? (double) Math.abs(strength) : null;
        return Preferred.row(fields, two, preferred, margin, Origin.NONE);
    }
}
