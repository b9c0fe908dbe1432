package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.NearestName;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.Row;

/**
 * Ratings of HelpSteer (arXiv:2311.09528) and HelpSteer2 (arXiv:2406.08673): one answer a row, those of one prompt one
 * after the other. Their score is the weighted sum of the ratings, added up exactly; equal scores are a tie.
 *
 * @param weights the attributes that count, with their weights
 */
record HelpSteer2Format(Map<String, Double> weights) implements GroupFormat {
    private static final List<String> ATTRIBUTES =
            List.of("helpfulness", "correctness", "coherence", "complexity", "verbosity");

    HelpSteer2Format() {
        this(Map.of(ATTRIBUTES.get(0), 1.0));
    }

    @Override
    public String name() {
        return "helpsteer2";
    }

    @Override
    public String layout() {
        return "{\"prompt\", \"response\", \"helpfulness\", \"correctness\", ...}, rows of one prompt one after the other";
    }

    @Override
    public String schema() {
        return "https://huggingface.co/datasets/nvidia/HelpSteer2";
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.RANKING;
    }

    @Override
    public List<FormatSetting> settings() {
        String standard = weights.entrySet().stream()
                .map(weight -> weight.getKey() + (weight.getValue() == 1.0 ? "" : "=" + weight.getValue()))
                .collect(Collectors.joining(","));
        return List.of(new FormatSetting(
                "attributes",
                "the ratings that count, with weights, as in"
                        + " helpfulness=0.65,correctness=0.8,coherence=0.45,complexity=0.55,verbosity=-0.4 (those of"
                        + " arXiv:2406.08673); equal sums are a tie",
                standard));
    }

    @Override
    public RowFormat with(Map<String, String> values) {
        String value = values.get("attributes");
        if (value == null) {
            return this;
        }
        Map<String, Double> given = new LinkedHashMap<>();
        for (String part : value.split(",", -1)) {
            int equals = part.indexOf('=');
            String name = (equals < 0 ? part : part.substring(0, equals)).strip();
            if (!ATTRIBUTES.contains(name)) {
                throw new DataFormatException(NearestName.unknown("attribute", name, ATTRIBUTES));
            }
            String weight = equals < 0 ? "1" : part.substring(equals + 1).strip();
            given.put(name, Settings.number(Map.of(name, weight), name, 1));
        }
        return new HelpSteer2Format(given);
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        boolean fits = RowFields.has(row, "prompt")
                && RowFields.has(row, "response")
                && RowFields.has(row, "helpfulness")
                && RowFields.has(row, "correctness");
        return fits ? "it has \"prompt\", \"response\", \"helpfulness\" and \"correctness\"" : null;
    }

    @Override
    public @Nullable Object groupKey(ObjectNode row) {
        return row.path("prompt").textValue();
    }

    @Override
    public ParsedRow parseGroup(List<ObjectNode> group) {
        List<RowFields> rows = RowFields.of(group);
        RowFields first = rows.get(0);
        Content prompt = first.textContent("prompt");
        Candidates candidates = Candidates.byScore(first.problems());
        for (RowFields row : rows) {
            row.value("prompt");
            Content text = row.textContent("response");
            candidates.add(row.path("response"), text, score(row), null);
            if (row != first) {
                row.finish();
            }
        }
        if (rows.size() == 1 && !first.problems().hasError()) {
            return first.leftOut("no other response to this prompt stands beside it");
        }
        return candidates.row(first, prompt, Origin.NONE);
    }

    private @Nullable Double score(RowFields row) {
        // As decimal numbers: rounding would make a preference of a tie.
        BigDecimal sum = BigDecimal.ZERO;
        boolean complete = true;
        for (Map.Entry<String, Double> weight : weights.entrySet()) {
            Double rating = row.requiredNumber(weight.getKey());
            complete &= rating != null;
            if (rating != null) {
                sum = sum.add(BigDecimal.valueOf(weight.getValue()).multiply(BigDecimal.valueOf(rating)));
            }
        }
        return complete && Double.isFinite(sum.doubleValue()) ? sum.doubleValue() : null;
    }
}
