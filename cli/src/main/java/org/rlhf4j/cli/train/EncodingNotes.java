package org.rlhf4j.cli.train;

import java.nio.file.Path;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.lm.text.EncodingCounts;
import org.rlhf4j.lm.text.ExampleEncoder;

/** Says what became of rows on their way to token ids. */
public final class EncodingNotes {
    private EncodingNotes() {}

    /**
     * Says what encoding a file did.
     *
     * @param file the file
     * @param what its rows, in the plural: {@code prompts}
     * @param counts what encoding counted
     * @param terminal where it shows
     * @throws DataFormatException if no row is left
     */
    public static void counts(Path file, String what, EncodingCounts counts, Terminal terminal) {
        terminal.note(
                "%s: %,d %s kept, %,d tokens, the longest sequence %,d%s%s%s",
                file,
                counts.kept(),
                what,
                counts.tokens(),
                counts.longest(),
                part(counts.truncated(), "cut to the limit"),
                part(counts.dropped(), "left out as too long"),
                part(counts.unknown(), "with text that the tokenizer has no token for"));
        if (counts.kept() == 0) {
            throw new DataFormatException(file.toString(), 0, "leaves no row to work with");
        }
    }

    private static String part(long count, String what) {
        return count == 0 ? "" : "; " + count + " " + what;
    }

    /** Warns where the markers of conversations are text that a user can write too. */
    public static void plainMarkers(ExampleEncoder encoder, Terminal terminal) {
        if (!encoder.markersAreSpecial()) {
            terminal.note(
                    "the tokenizer has no special tokens for the chat markers: they are plain text, which users can"
                            + " write too");
        }
    }
}
