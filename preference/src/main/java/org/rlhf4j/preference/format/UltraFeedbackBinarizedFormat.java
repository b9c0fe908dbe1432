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
 * UltraFeedback made into pairs: two conversations that open with the prompt, and the score of each.
 *
 * @param margins whether the difference of the scores is the margin
 */
record UltraFeedbackBinarizedFormat(boolean margins) implements RowFormat {
    UltraFeedbackBinarizedFormat() {
        this(false);
    }

    @Override
    public String name() {
        return "ultrafeedback-binarized";
    }

    @Override
    public String layout() {
        return "{\"prompt\", \"chosen\": [message, ...], \"rejected\": [message, ...], \"score_chosen\", \"score_rejected\"}";
    }

    @Override
    public String schema() {
        return "https://huggingface.co/datasets/HuggingFaceH4/ultrafeedback_binarized";
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
        return new UltraFeedbackBinarizedFormat(Margins.scores(values, margins));
    }

    static boolean hasScores(ObjectNode row) {
        return row.path("chosen").isArray()
                && row.path("rejected").isArray()
                && !row.path("prompt").isArray()
                && RowFields.has(row, "score_chosen")
                && RowFields.has(row, "score_rejected");
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        return hasScores(row)
                ? "chosen and rejected are lists of messages beside \"score_chosen\" and \"score_rejected\""
                : null;
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        Content chosen = fields.content("chosen");
        Content rejected = fields.content("rejected");
        Double better = fields.requiredNumber("score_chosen");
        Double worse = fields.requiredNumber("score_rejected");
        // The prompt and the chosen conversation stand there a second time.
        fields.value("prompt");
        fields.value("messages");
        Origin origin = fields.origin();
        if (!(chosen instanceof Content.Chat a) || !(rejected instanceof Content.Chat b)) {
            if (chosen != null && rejected != null) {
                fields.problems().add(Rule.WRONG_TYPE, "chosen and rejected must both be lists of messages");
            }
            return fields.refused();
        }
        int end = SharedPrompt.end(a, b);
        if (end == 0) {
            fields.problems().add(Rule.NO_SHARED_PROMPT, "chosen and rejected share no leading message");
            return fields.refused();
        }
        if (better == null || worse == null) {
            return fields.refused();
        }
        if (better < worse) {
            fields.problems().add(Rule.BAD_RANKING, "score_chosen is below score_rejected");
        }
        Preferred.Two two = new Preferred.Two(
                Content.of(a.messages().subList(0, end)),
                ImplicitPairFormat.tail(fields, "chosen", a, end),
                ImplicitPairFormat.tail(fields, "rejected", b, end));
        return Preferred.row(fields, two, Preferred.higher(better, worse), margins ? better - worse : null, origin);
    }
}
