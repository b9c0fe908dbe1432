package org.rlhf4j.preference.show;

import java.util.ArrayList;
import java.util.List;

/** Breaks styled text into lines of a terminal, between words where there are any. */
final class TextWrap {
    /**
     * A stretch of a line in one style.
     *
     * @param text characters without a line break
     * @param style the parameters of the terminal's sequence "select graphic rendition", such as {@code 1;31}; empty for
     *     none
     */
    record Styled(String text, String style) {}

    /**
     * A line.
     *
     * @param pieces its stretches
     * @param width how many columns they take
     */
    record Line(List<Styled> pieces, int width) {}

    private final int width;
    private final List<Line> lines = new ArrayList<>();
    private List<Styled> pieces = new ArrayList<>();
    private int used;

    private TextWrap(int width) {
        this.width = width;
    }

    /**
     * Wraps.
     *
     * @param text stretches that may hold line feeds, and otherwise nothing that a terminal would act on
     * @param width the columns of a line, at least 2
     * @return at least one line, none wider
     */
    static List<Line> wrap(List<Styled> text, int width) {
        TextWrap wrap = new TextWrap(width);
        text.forEach(wrap::add);
        wrap.endLine();
        return wrap.lines;
    }

    private void add(Styled stretch) {
        String text = stretch.text();
        int i = 0;
        while (i < text.length()) {
            int from = i;
            char c = text.charAt(i);
            if (c == '\n') {
                endLine();
                i++;
                continue;
            }
            while (i < text.length() && text.charAt(i) != '\n' && (text.charAt(i) == ' ') == (c == ' ')) {
                i++;
            }
            place(text.substring(from, i), c == ' ', stretch.style());
        }
    }

    private void place(String token, boolean space, String style) {
        int columns = DisplayWidth.of(token);
        if (used + columns <= width) {
            append(token, style, columns);
            return;
        }
        if (used > 0) {
            endLine();
        }
        if (space) {
            // The line break stands for it.
            return;
        }
        int from = 0;
        while (from < token.length()) {
            int length = DisplayWidth.fitting(token, from, width - used);
            String part = token.substring(from, from + length);
            append(part, style, DisplayWidth.of(part));
            from += length;
            if (from < token.length()) {
                endLine();
            }
        }
    }

    private void append(String text, String style, int columns) {
        int last = pieces.size() - 1;
        if (last >= 0 && pieces.get(last).style().equals(style)) {
            pieces.set(last, new Styled(pieces.get(last).text() + text, style));
        } else {
            pieces.add(new Styled(text, style));
        }
        used += columns;
    }

    private void endLine() {
        lines.add(new Line(pieces, used));
        pieces = new ArrayList<>();
        used = 0;
    }
}
