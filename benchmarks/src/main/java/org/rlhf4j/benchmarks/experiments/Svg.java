package org.rlhf4j.benchmarks.experiments;

import java.util.Locale;

/** An SVG document as it grows: lines, marks and texts, positions in pixels from the upper left corner. */
final class Svg {
    private final StringBuilder out = new StringBuilder();

    /** A white page. */
    Svg(int width, int height, String title) {
        element(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\""
                        + " font-family=\"system-ui, 'DejaVu Sans', Arial, sans-serif\">",
                width, height, width, height);
        element("<title>%s</title>", escape(title));
        element("<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>", width, height);
    }

    void line(double x1, double y1, double x2, double y2, String colour, double width, double opacity) {
        element(
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"%s\" opacity=\"%s\"/>",
                x1, y1, x2, y2, colour, width, opacity);
    }

    /** A line through points "x,y x,y ...". */
    void polyline(String points, String colour, double width, double opacity) {
        element(
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%s\" opacity=\"%s\" stroke-linejoin=\"round\"/>",
                points, colour, width, opacity);
    }

    /** A circle, square, triangle or diamond, by the number of the series: the shape says what the colour says. */
    void mark(int number, double x, double y, double size, String colour, double opacity) {
        String shape =
                switch (number % 4) {
                    case 0 -> format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"", x, y, size);
                    case 1 ->
                        format(
                                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"",
                                x - 0.9 * size, y - 0.9 * size, 1.8 * size, 1.8 * size);
                    case 2 ->
                        format(
                                "<path d=\"M%.1f %.1f L%.1f %.1f L%.1f %.1f Z\"",
                                x, y - 1.2 * size, x + 1.1 * size, y + 0.8 * size, x - 1.1 * size, y + 0.8 * size);
                    default ->
                        format(
                                "<path d=\"M%.1f %.1f L%.1f %.1f L%.1f %.1f L%.1f %.1f Z\"",
                                x, y - 1.3 * size, x + 1.3 * size, y, x, y + 1.3 * size, x - 1.3 * size, y);
                };
        element("%s fill=\"%s\" opacity=\"%s\"/>", shape, colour, opacity);
    }

    /** A text whose start, middle or end is at x, on the base line y. */
    void text(double x, double y, int size, String anchor, String colour, String text) {
        if (!text.isEmpty()) {
            element(
                    "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%d\" text-anchor=\"%s\" fill=\"%s\">%s</text>",
                    x, y, size, anchor, colour, escape(text));
        }
    }

    /** A text that is read from below, its middle at (x, y). */
    void upright(double x, double y, int size, String colour, String text) {
        element(
                "<text transform=\"translate(%.1f %.1f) rotate(-90)\" font-size=\"%d\" text-anchor=\"middle\" fill=\"%s\">%s</text>",
                x, y, size, colour, escape(text));
    }

    private void element(String format, Object... args) {
        out.append(format(format, args)).append('\n');
    }

    private static String format(String format, Object... args) {
        return String.format(Locale.ROOT, format, args);
    }

    private static String escape(String text) {
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a picture cannot show control characters: \"" + text + "\"");
        }
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    @Override
    public String toString() {
        return out + "</svg>\n";
    }
}
