package org.rlhf4j.cli.reward;

import java.nio.file.Path;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.lm.data.ComparisonSet;
import org.rlhf4j.lm.text.EncodingCounts;
import org.rlhf4j.lm.text.ExampleEncoder;
import org.rlhf4j.preference.DataSource;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.Preferences;
import org.rlhf4j.preference.RankingPairs;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Rows;

/** Preference files as comparisons in memory. */
final class PreferenceRows {
    private PreferenceRows() {}

    /** Pairs and rankings as they stand, rankings whole. */
    static ComparisonSet whole(Path file, ExampleEncoder encoder, boolean joinPairs, Terminal terminal) {
        try (Rows<Row> rows = Preferences.read(file)) {
            return checked(file, ComparisonSet.encode(rows, encoder, joinPairs), terminal);
        }
    }

    /** Pairs as they stand, rankings turned into pairs. */
    static ComparisonSet pairs(
            Path file, RankingPairs conversion, ExampleEncoder encoder, boolean joinPairs, Terminal terminal) {
        try (Rows<PreferencePair> rows = Preferences.readPairs(new DataSource.File(file), null, conversion)) {
            return checked(file, ComparisonSet.encode(rows, encoder, joinPairs), terminal);
        }
    }

    /** Says what encoding did; a set without a row is no data. */
    private static ComparisonSet checked(Path file, ComparisonSet set, Terminal terminal) {
        EncodingCounts counts = set.counts();
        terminal.note(
                "%s: %,d prompts kept, %,d tokens, the longest sequence %,d%s%s%s",
                file,
                counts.kept(),
                counts.tokens(),
                counts.longest(),
                part(counts.truncated(), "with the left of the prompt cut off"),
                part(counts.dropped(), "left out as too long"),
                part(counts.unknown(), "with text that the tokenizer has no token for"));
        if (set.rows().isEmpty()) {
            throw new DataFormatException(file.toString(), 0, "leaves no pair and no ranking to work with");
        }
        return set;
    }

    private static String part(long count, String what) {
        return count == 0 ? "" : "; " + count + " " + what;
    }
}
