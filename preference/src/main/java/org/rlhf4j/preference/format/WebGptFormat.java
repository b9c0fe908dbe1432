package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.Row;

/**
 * WebGPT's comparisons (arXiv:2112.09332): two answers with scores from -1 to 1 that sum to 0; equal scores are a tie. The
 * quotes are left out: they are not part of what a model without a browser is asked.
 *
 * @param margins whether the difference of the scores is the margin
 */
record WebGptFormat(boolean margins) implements RowFormat {
    WebGptFormat() {
        this(false);
    }

    @Override
    public String name() {
        return "webgpt";
    }

    @Override
    public String layout() {
        return "{\"question\": {\"full_text\"}, \"answer_0\", \"answer_1\", \"score_0\", \"score_1\"}";
    }

    @Override
    public String schema() {
        return "https://huggingface.co/datasets/openai/webgpt_comparisons";
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
        return new WebGptFormat(Margins.scores(values, margins));
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        boolean fits = row.path("question").has("full_text")
                && RowFields.has(row, "answer_0")
                && RowFields.has(row, "answer_1");
        return fits ? "it has a \"question\" with \"full_text\", \"answer_0\" and \"answer_1\"" : null;
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        RowFields question = fields.object("question");
        Content prompt = null;
        if (question != null) {
            prompt = question.textContent("full_text");
            question.finish();
        }
        Preferred.Two two = new Preferred.Two(prompt, fields.textContent("answer_0"), fields.textContent("answer_1"));
        Double first = fields.requiredNumber("score_0");
        Double second = fields.requiredNumber("score_1");
        if (first == null || second == null) {
            return fields.refused();
        }
        Double margin = margins ? Math.abs(first - second) : null;
        return Preferred.row(fields, two, Preferred.higher(first, second), margin, Origin.NONE);
    }
}
