package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Rule;

/**
 * UltraFeedback (arXiv:2310.01377) as it was published: an instruction and the rated answers of several models.
 *
 * @param rating what the answers are ranked by, one of {@link #RATINGS}
 */
record UltraFeedbackFormat(String rating) implements RowFormat {
    private static final String OVERALL = "overall";
    private static final String MEAN = "mean";
    private static final List<String> ASPECTS =
            List.of("helpfulness", "honesty", "instruction_following", "truthfulness");
    private static final List<String> RATINGS =
            List.of(OVERALL, MEAN, ASPECTS.get(0), ASPECTS.get(1), ASPECTS.get(2), ASPECTS.get(3));
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,2}(\\.[0-9]{1,6})?");

    UltraFeedbackFormat() {
        this(OVERALL);
    }

    @Override
    public String name() {
        return "ultrafeedback";
    }

    @Override
    public String layout() {
        return "{\"instruction\", \"completions\": [{\"model\", \"response\", \"annotations\": {\"helpfulness\": {\"Rating\"}, ...},"
                + " \"overall_score\"}, ...]}";
    }

    @Override
    public String schema() {
        return "https://huggingface.co/datasets/openbmb/UltraFeedback";
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.RANKING;
    }

    @Override
    public List<FormatSetting> settings() {
        return List.of(new FormatSetting(
                "rating",
                "what ranks the answers: overall (the overall_score), mean (of the rated aspects), or one of "
                        + String.join(", ", ASPECTS),
                rating));
    }

    @Override
    public RowFormat with(Map<String, String> values) {
        return new UltraFeedbackFormat(Settings.oneOf(values, "rating", RATINGS, rating));
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        JsonNode first = row.path("completions").path(0);
        boolean fits = RowFields.has(row, "instruction") && first.has("response") && first.has("annotations");
        return fits ? "it has \"instruction\" and \"completions\" with \"response\" and \"annotations\"" : null;
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        Content prompt = fields.textContent("instruction");
        Candidates candidates = Candidates.byScore(fields.problems());
        for (RowFields item : fields.objects("completions")) {
            Content text = item.textContent("response");
            Double score = score(item);
            if (score == null && !fields.problems().hasError()) {
                fields.problems().add(Rule.NOTHING_COMPARED, item.path("response") + " has no rating (" + rating + ")");
            }
            candidates.add(item.path("response"), text, score, item.name("model"));
            item.finish();
        }
        Origin origin = new Origin(null, fields.name("source"), null);
        if (!fields.problems().hasError() && candidates.size() < 2) {
            return fields.leftOut("fewer than two of the completions are rated");
        }
        return candidates.row(fields, prompt, origin);
    }

    private @Nullable Double score(RowFields item) {
        if (rating.equals(OVERALL)) {
            return item.has("overall_score") ? item.requiredNumber("overall_score") : null;
        }
        RowFields annotations = item.object("annotations");
        if (annotations == null) {
            return null;
        }
        if (!rating.equals(MEAN)) {
            return aspect(annotations, rating);
        }
        double sum = 0;
        int rated = 0;
        for (String name : ASPECTS) {
            Double value = aspect(annotations, name);
            if (value != null) {
                sum += value;
                rated++;
            }
        }
        return rated == 0 ? null : sum / rated;
    }

    /** The rating of an aspect; null where there is none, which the data say as {@code N/A}. */
    private static @Nullable Double aspect(RowFields annotations, String name) {
        JsonNode aspect = annotations.value(name);
        // The first release has a list of one object.
        JsonNode value =
                aspect == null ? null : (aspect.isArray() && aspect.size() == 1 ? aspect.get(0) : aspect).get("Rating");
        if (value == null || value.isNull() || "N/A".equals(value.textValue())) {
            return null;
        }
        if (value.isIntegralNumber() && value.canConvertToInt()) {
            return value.doubleValue();
        }
        if (value.isTextual() && DIGITS.matcher(value.textValue()).matches()) {
            return Double.valueOf(value.textValue());
        }
        annotations.wrongType(name + ".Rating", "a number in a string, or N/A,", value);
        return null;
    }
}
