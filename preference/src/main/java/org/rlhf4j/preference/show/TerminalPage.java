package org.rlhf4j.preference.show;

import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.preference.Problem;
import org.rlhf4j.preference.format.Excerpt;
import org.rlhf4j.preference.show.RowView.Panel;
import org.rlhf4j.preference.show.RowView.Side;
import org.rlhf4j.preference.show.RowView.Turn;
import org.rlhf4j.preference.show.TextWrap.Line;
import org.rlhf4j.preference.show.TextWrap.Styled;

/**
 * Rows for a terminal: the prompt, and below it the completions side by side with what differs in colour. Without colours
 * what differs stands in the marks of wdiff: <code>{+only better+}</code>, <code>[-only worse-]</code>, and in a tie
 * <code>{~only here~}</code>.
 */
public final class TerminalPage {
    /** The narrowest page. */
    public static final int MIN_WIDTH = 20;

    private static final int MIN_COLUMN = 30;
    private static final String GUTTER = " \u2502 ";
    private static final String NONE = "";
    private static final String BOLD = "1";

    private final int width;
    private final boolean color;

    /**
     * A page.
     *
     * @param width the columns, at least {@link #MIN_WIDTH}
     * @param color whether the terminal knows colours
     */
    public TerminalPage(int width, boolean color) {
        if (width < MIN_WIDTH) {
            throw new IllegalArgumentException("width is " + width + ", must be at least " + MIN_WIDTH);
        }
        this.width = width;
        this.color = color;
    }

    /**
     * Lays a row out.
     *
     * @param row the row
     * @return its lines
     */
    public List<String> lines(RowView row) {
        List<String> lines = new ArrayList<>();
        header(lines, row);
        for (Problem problem : row.problems()) {
            String text =
                    problem.rule().severity().label() + " " + problem.rule().id() + ": " + Visible.of(problem.detail());
            write(
                    lines,
                    List.of(new Styled(text.replace('\n', ' '), problem.rule().isError() ? "31" : "33")));
        }
        if (!row.excerpt().isEmpty()) {
            write(lines, List.of(new Styled(row.excerpt(), NONE)));
        }
        if (!row.prompt().isEmpty()) {
            write(lines, List.of(new Styled("prompt", BOLD)));
            turns(row.prompt(), Side.EVEN, width).forEach(line -> lines.add(text(line)));
            lines.add("");
        }
        int count = row.panels().size();
        int most = Math.max(1, (width + GUTTER.length()) / (MIN_COLUMN + GUTTER.length()));
        int bands = (count + most - 1) / most;
        int across = bands == 0 ? 0 : (count + bands - 1) / bands;
        for (int i = 0; i < count; i += across) {
            if (i > 0) {
                lines.add("");
            }
            band(lines, row.panels().subList(i, Math.min(count, i + across)), across);
        }
        return lines;
    }

    private void header(List<String> lines, RowView row) {
        List<String> words = new ArrayList<>();
        words.add(Visible.of(row.place()).replace('\n', ' '));
        words.add((row.kind().isEmpty() ? "row" : row.kind()) + " " + row.number());
        row.facts().forEach(fact -> words.add(Excerpt.of(fact)));
        write(lines, List.of(new Styled("\u2501\u2501 " + String.join(" \u00B7 ", words), BOLD)));
    }

    private void band(List<String> lines, List<Panel> panels, int across) {
        int column = (width - GUTTER.length() * (across - 1)) / across;
        List<List<Line>> columns = new ArrayList<>();
        int height = 0;
        for (Panel panel : panels) {
            List<Line> cell = new ArrayList<>(
                    TextWrap.wrap(List.of(new Styled(Excerpt.of(panel.title()), titleStyle(panel.side()))), column));
            cell.addAll(turns(panel.turns(), panel.side(), column));
            columns.add(cell);
            height = Math.max(height, cell.size());
        }
        for (int i = 0; i < height; i++) {
            StringBuilder line = new StringBuilder();
            for (int c = 0; c < columns.size(); c++) {
                List<Line> cell = columns.get(c);
                Line part = i < cell.size() ? cell.get(i) : new Line(List.of(), 0);
                line.append(text(part));
                if (c + 1 < columns.size()) {
                    line.append(" ".repeat(Math.max(0, column - part.width()))).append(GUTTER);
                }
            }
            lines.add(line.toString().stripTrailing());
        }
    }

    private List<Line> turns(List<Turn> turns, Side side, int columns) {
        List<Line> lines = new ArrayList<>();
        for (Turn turn : turns) {
            if (turn.role() != null) {
                lines.addAll(TextWrap.wrap(List.of(new Styled(Excerpt.of(turn.role()) + ":", BOLD)), columns));
            }
            List<Styled> pieces = new ArrayList<>();
            for (Segment segment : turn.text()) {
                pieces.add(
                        segment.differs()
                                ? marked(segment.text(), side)
                                : new Styled(Visible.of(segment.text()), NONE));
            }
            lines.addAll(TextWrap.wrap(pieces, columns));
        }
        return lines;
    }

    private Styled marked(String differing, Side side) {
        String text = Visible.of(differing);
        if (!color) {
            return switch (side) {
                case BETTER -> new Styled("{+" + text + "+}", NONE);
                case WORSE -> new Styled("[-" + text + "-]", NONE);
                case EVEN -> new Styled("{~" + text + "~}", NONE);
            };
        }
        // White space has no colour of its own: line ends get a sign, and the ground is coloured.
        boolean blank = text.isBlank();
        return new Styled(blank ? text.replace("\n", "\u23CE\n") : text, (blank ? "4" : "3") + hue(side));
    }

    private static String titleStyle(Side side) {
        return side == Side.EVEN ? BOLD : "1;3" + hue(side);
    }

    private static char hue(Side side) {
        return switch (side) {
            case BETTER -> '2';
            case WORSE -> '1';
            case EVEN -> '3';
        };
    }

    private void write(List<String> lines, List<Styled> text) {
        TextWrap.wrap(text, width).forEach(line -> lines.add(text(line)));
    }

    private String text(Line line) {
        StringBuilder text = new StringBuilder();
        for (Styled piece : line.pieces()) {
            if (color && !piece.style().isEmpty()) {
                text.append("\u001b[")
                        .append(piece.style())
                        .append('m')
                        .append(piece.text())
                        .append("\u001b[0m");
            } else {
                text.append(piece.text());
            }
        }
        return text.toString();
    }
}
