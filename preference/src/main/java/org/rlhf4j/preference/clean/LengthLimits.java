package org.rlhf4j.preference.clean;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.Located;
import org.rlhf4j.preference.Row;

/** Keeps rows whose texts are neither too short nor too long, and whose completions are of similar length. */
final class LengthLimits extends RowFilter {
    static final List<StepParameter> PARAMETERS = List.of(
            Subject.PARAMETER,
            StepParameter.choice(
                    "unit",
                    "what is counted: characters (code points), or words between white space",
                    "chars",
                    "words"),
            StepParameter.count("min", "the least length"),
            StepParameter.count("max", "the greatest length"),
            StepParameter.number(
                    "max-ratio",
                    1,
                    Double.MAX_VALUE,
                    null,
                    "how many times as long as the shortest completion of a row the longest may be"));

    private final Subject subject;
    private final boolean words;
    private final @Nullable Long min;
    private final @Nullable Long max;
    private final @Nullable Double maxRatio;

    LengthLimits(StepSettings settings) {
        subject = Subject.of(settings);
        words = settings.text("unit").equals("words");
        min = settings.wholeOrNull("min");
        max = settings.wholeOrNull("max");
        maxRatio = settings.numberOrNull("max-ratio");
        if (min == null && max == null && maxRatio == null) {
            throw new DataFormatException("length: give min, max or max-ratio, as in length:min=10,max=2000");
        }
        if (min != null && max != null && min > max) {
            throw new DataFormatException("length: min is " + min + ", more than max, which is " + max);
        }
    }

    @Override
    @Nullable
    Removed judge(int number, Located<Row> row) {
        if (min != null || max != null) {
            for (Map.Entry<String, String> text : subject.texts(row).entrySet()) {
                long length = length(text.getValue());
                if (min != null && length < min) {
                    return new Removed("too-short", text.getKey() + " has " + counted(length) + ", fewer than " + min);
                }
                if (max != null && length > max) {
                    return new Removed("too-long", text.getKey() + " has " + counted(length) + ", more than " + max);
                }
            }
        }
        return maxRatio == null ? null : ratio(row.value(), maxRatio);
    }

    private @Nullable Removed ratio(Row row, double most) {
        long shortest = Long.MAX_VALUE;
        long longest = 0;
        for (Content completion : RowTexts.completions(row).values()) {
            long length = length(RowTexts.words(completion));
            shortest = Math.min(shortest, length);
            longest = Math.max(longest, length);
        }
        // A completion without a countable character is infinitely shorter than any other.
        if (longest <= most * shortest) {
            return null;
        }
        String detail = String.format(
                Locale.ROOT,
                "the completions have from %d to %s, more than %s times",
                shortest,
                counted(longest),
                most);
        return new Removed("ratio", detail);
    }

    private long length(String text) {
        return words ? words(text) : text.codePointCount(0, text.length());
    }

    private static long words(String text) {
        long words = 0;
        boolean inside = false;
        for (int i = 0; i < text.length(); i++) {
            boolean space = NormalText.isSpace(text.charAt(i));
            words += !space && !inside ? 1 : 0;
            inside = !space;
        }
        return words;
    }

    private String counted(long length) {
        return length + (words ? " word" : " character") + (length == 1 ? "" : "s");
    }
}
