package org.rlhf4j.preference.show;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.preference.Problem;

/**
 * One row as it is shown.
 *
 * @param file the file as the user named it
 * @param line its line
 * @param number the number of the row in the file, from 1
 * @param kind what it is, such as {@code pair}; empty where it could not be read
 * @param facts what it says beside its texts, such as {@code margin 2.0}
 * @param prompt the prompt; empty where there is none
 * @param panels its completions, best first
 * @param excerpt the start of a row that could not be read; otherwise empty
 * @param problems what is wrong with it
 */
public record RowView(
        String file,
        long line,
        long number,
        String kind,
        List<String> facts,
        List<Turn> prompt,
        List<Panel> panels,
        String excerpt,
        List<Problem> problems) {
    /** Copies the lists. */
    public RowView {
        facts = List.copyOf(facts);
        prompt = List.copyOf(prompt);
        panels = List.copyOf(panels);
        problems = List.copyOf(problems);
    }

    /** The place as messages put it. */
    public String place() {
        return file + ":" + line;
    }

    /**
     * One completion.
     *
     * @param title its part, such as {@code chosen} or {@code rank 2, tied}
     * @param side which marks its differences take
     * @param turns what it says
     */
    public record Panel(String title, Side side, List<Turn> turns) {
        /** Copies the list. */
        public Panel {
            turns = List.copyOf(turns);
        }
    }

    /** What a stretch that differs is: of what is preferred, of what is not, or neither. */
    public enum Side {
        /** Only what is preferred has it. */
        BETTER,
        /** Only what is not preferred has it. */
        WORSE,
        /** There is no comparison, or it is a tie. */
        EVEN
    }

    /**
     * One turn of a conversation, or a text.
     *
     * @param role who speaks; null for plain text
     * @param text what is said, in stretches
     */
    public record Turn(@Nullable String role, List<Segment> text) {
        /** Copies the list. */
        public Turn {
            text = List.copyOf(text);
        }
    }
}
