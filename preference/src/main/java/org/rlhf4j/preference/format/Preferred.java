package org.rlhf4j.preference.format;

import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.RowRules;

/** Which of two completions, in the order of the data, is preferred. */
enum Preferred {
    FIRST,
    SECOND,
    NEITHER;

    /**
     * Two completions as a format finds them; null stands for what was missing and is reported already.
     *
     * @param prompt what was asked
     * @param first the one that stands first in the data
     * @param second the other
     * @param firstModel who wrote the first, or null
     * @param secondModel who wrote the second, or null
     */
    record Two(
            @Nullable Content prompt,
            @Nullable Content first,
            @Nullable Content second,
            @Nullable String firstModel,
            @Nullable String secondModel) {
        Two(@Nullable Content prompt, @Nullable Content first, @Nullable Content second) {
            this(prompt, first, second, null, null);
        }
    }

    /** The one with the higher value; neither where they are equal. */
    static Preferred higher(double first, double second) {
        return first > second ? FIRST : first < second ? SECOND : NEITHER;
    }

    /**
     * The pair of two compared completions; a tie has the first one as chosen and the probability 0.5.
     *
     * @param fields what it was read from
     * @param two the completions
     * @param preferred the better one; null after a problem
     * @param margin by how much, or null
     * @param origin its name and where it comes from
     * @return the pair; null after a problem
     */
    static @Nullable PreferencePair pair(
            RowFields fields, Two two, @Nullable Preferred preferred, @Nullable Double margin, Origin origin) {
        boolean swapped = preferred == SECOND;
        Content chosen = swapped ? two.second : two.first;
        Content rejected = swapped ? two.first : two.second;
        fields.problems().addAll(RowRules.pair(two.prompt, chosen, rejected));
        fields.problems().addAll(RowRules.finite("margin", margin));
        if (fields.problems().hasError()
                || preferred == null
                || two.prompt == null
                || chosen == null
                || rejected == null) {
            return null;
        }
        return new PreferencePair(
                two.prompt,
                chosen,
                rejected,
                margin,
                preferred == NEITHER ? 0.5 : null,
                1.0,
                swapped ? two.secondModel : two.firstModel,
                swapped ? two.firstModel : two.secondModel,
                origin);
    }

    /** The row of one pair, or its refusal. */
    static ParsedRow row(
            RowFields fields, Two two, @Nullable Preferred preferred, @Nullable Double margin, Origin origin) {
        PreferencePair pair = pair(fields, two, preferred, margin, origin);
        return pair == null ? fields.refused() : fields.accepted(pair);
    }
}
