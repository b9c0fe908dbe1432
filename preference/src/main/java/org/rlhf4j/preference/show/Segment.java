package org.rlhf4j.preference.show;

import java.util.List;

/**
 * A stretch of a text that is equal in both texts of a comparison, or not.
 *
 * @param text the characters
 * @param differs whether the other text lacks them here
 */
public record Segment(String text, boolean differs) {
    /** A text that is compared with nothing. */
    static List<Segment> plain(String text) {
        return text.isEmpty() ? List.of() : List.of(new Segment(text, false));
    }
}
