package org.rlhf4j.cli.train;

import java.nio.file.Path;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.lm.data.ComparisonSet;
import org.rlhf4j.lm.text.ExampleEncoder;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.Preferences;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.preference.read.Rows;

/** Preference files as comparisons in memory. */
public final class PreferenceRows {
    private PreferenceRows() {}

    /** Pairs and rankings as they stand, rankings whole. */
    public static ComparisonSet whole(Path file, ExampleEncoder encoder, boolean joinPairs, Terminal terminal) {
        try (Rows<Row> rows = Preferences.read(file)) {
            return checked(file, ComparisonSet.encode(rows, encoder, joinPairs), terminal);
        }
    }

    /** Pairs as they stand, rankings turned into pairs as the settings say. */
    public static ComparisonSet pairs(Path file, PreferenceConfig config, ExampleEncoder encoder, Terminal terminal) {
        try (Rows<PreferencePair> rows =
                Preferences.readPairs(new DataSource.File(file), ReadOptions.DETECT, config.conversion())) {
            return checked(file, ComparisonSet.encode(rows, encoder, config.joinPairs()), terminal);
        }
    }

    private static ComparisonSet checked(Path file, ComparisonSet set, Terminal terminal) {
        EncodingNotes.counts(file, "prompts", set.counts(), terminal);
        return set;
    }
}
