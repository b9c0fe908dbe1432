package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Message;
import org.rlhf4j.preference.Row;

/**
 * HelpSteer3-Preference (arXiv:2505.11475): a conversation, two answers, and by how much the second one is better.
 *
 * @param margins whether the strength of the preference is the margin
 */
record HelpSteer3Format(boolean margins) implements RowFormat {
    HelpSteer3Format() {
        this(false);
    }

    @Override
    public String name() {
        return "helpsteer3-preference";
    }

    @Override
    public String layout() {
        return "{\"context\": [message, ...], \"response1\", \"response2\", \"overall_preference\"}, from -3 (the first is much"
                + " better) to 3 (the second is), 0 a tie";
    }

    @Override
    public String schema() {
        return "https://huggingface.co/datasets/nvidia/HelpSteer3 (preference)";
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
        return new HelpSteer3Format(Margins.scores(values, margins));
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        boolean fits = row.path("context").isArray()
                && RowFields.has(row, "response1")
                && RowFields.has(row, "response2")
                && RowFields.has(row, "overall_preference");
        return fits ? "it has \"context\", \"response1\", \"response2\" and \"overall_preference\"" : null;
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        Content context = fields.content("context");
        Preferred.Two two = new Preferred.Two(context, answer(fields, "response1"), answer(fields, "response2"));
        return HelpSteer2PreferenceFormat.strength(fields, two, "overall_preference", margins);
    }

    private static @Nullable Content answer(RowFields fields, String name) {
        String text = fields.text(name);
        return text == null ? null : Content.of(List.of(new Message("assistant", text)));
    }
}
