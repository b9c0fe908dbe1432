package org.rlhf4j.preference.format;

import java.util.List;
import java.util.Map;

/** The setting that says whether a difference of scores in the data is the margin of the pair. */
final class Margins {
    private static final String NONE = "none";
    private static final List<String> VALUES = List.of(NONE, "scores");

    private Margins() {}

    static List<FormatSetting> settings(boolean scores) {
        return List.of(new FormatSetting(
                "margin",
                "none, or scores: the difference of the scores becomes the margin of the pair",
                VALUES.get(scores ? 1 : 0)));
    }

    static boolean scores(Map<String, String> values, boolean current) {
        return !Settings.oneOf(values, "margin", VALUES, VALUES.get(current ? 1 : 0))
                .equals(NONE);
    }
}
