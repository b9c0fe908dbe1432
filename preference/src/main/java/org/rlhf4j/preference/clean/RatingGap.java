package org.rlhf4j.preference.clean;

import java.util.DoubleSummaryStatistics;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.Located;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.RankedCompletion;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;

/** Keeps pairs whose margin, and rankings whose difference between the best score and the worst, is large enough. */
final class RatingGap extends RowFilter {
    static final List<StepParameter> PARAMETERS = List.of(
            StepParameter.number("min", -Double.MAX_VALUE, Double.MAX_VALUE, null, "the least gap; must be given"),
            StepParameter.choice(
                    "missing",
                    "rows without a margin or scores: stop there, keep or drop them",
                    "stop",
                    "keep",
                    "drop"));

    private final double min;
    private final String missing;

    RatingGap(StepSettings settings) {
        if (!settings.has("min")) {
            throw new DataFormatException("rating-gap: give min, as in rating-gap:min=1");
        }
        min = settings.number("min");
        missing = settings.text("missing");
    }

    @Override
    @Nullable
    Removed judge(int number, Located<Row> row) {
        Double gap = gap(row.value());
        if (gap != null) {
            return gap < min ? new Removed("small-gap", "the gap is " + gap + ", less than " + min) : null;
        }
        String reason = row.value() instanceof Ranking ? "the ranking has no scores" : "the pair has no margin";
        if (missing.equals("stop")) {
            throw new DataFormatException(
                    row.file(), row.line(), reason + "; rating-gap with missing=keep or missing=drop goes on");
        }
        return missing.equals("drop") ? new Removed("no-rating", reason) : null;
    }

    private static @Nullable Double gap(Row row) {
        if (row instanceof PreferencePair pair) {
            return pair.margin();
        }
        DoubleSummaryStatistics scores = new DoubleSummaryStatistics();
        for (RankedCompletion completion : ((Ranking) row).completions()) {
            Double score = completion.score();
            if (score == null) {
                return null;
            }
            scores.accept(score);
        }
        return scores.getMax() - scores.getMin();
    }
}
