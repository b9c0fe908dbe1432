package org.rlhf4j.benchmarks.experiments;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.rlhf4j.benchmarks.experiments.Series.Point;
import org.rlhf4j.benchmarks.experiments.Series.Style;

/**
 * Charts side by side under one title and one legend, as SVG 1.1 without scripts, fonts or style sheets of its own. The
 * background is white, so that it reads the same on light and dark pages.
 *
 * @param title of the whole; also what a screen reader says
 * @param columns charts in a row
 * @param charts from left to right, then down
 */
public record Picture(String title, int columns, List<Chart> charts) {
    private static final int WIDTH = 400;
    private static final int HEIGHT = 290;
    private static final int LEFT = 62;
    private static final int RIGHT = 18;
    private static final int TOP = 30;
    private static final int BOTTOM = 48;
    private static final int TITLE = 34;
    private static final int LEGEND_ROW = 20;
    private static final int SWATCH = 34;
    private static final double CHARACTER = 6.6;
    private static final String INK = "#222222";
    private static final String GRID = "#dddddd";

    /** Okabe and Ito's colours, which people who see few colours can tell apart (2008), the pale yellow left out. */
    private static final List<String> COLOURS =
            List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000");

    /** Checks that there is something to draw. */
    public Picture {
        charts = List.copyOf(charts);
        if (charts.isEmpty() || columns < 1) {
            throw new IllegalArgumentException("a picture of " + charts.size() + " charts in " + columns + " columns");
        }
    }

    /** One chart alone, under its own title. */
    public static Picture of(Chart chart) {
        return new Picture(chart.title(), 1, List.of(new Chart("", chart.xLabel(), chart.yLabel(), chart.series())));
    }

    /**
     * The picture as an SVG document.
     *
     * @throws IllegalArgumentException if a chart has no point, or a text has control characters
     */
    public String svg() {
        List<String> names = names();
        int width = WIDTH * Math.min(columns, charts.size());
        List<List<String>> legend = legendRows(names, width - LEFT - RIGHT);
        int head = TITLE + LEGEND_ROW * legend.size();
        int rows = (charts.size() + columns - 1) / columns;
        int height = head + HEIGHT * rows;
        Svg svg = new Svg(width, height, title);
        svg.text(width / 2.0, 23, 15, "middle", INK, title);
        legend(svg, legend, names);
        for (int i = 0; i < charts.size(); i++) {
            chart(svg, charts.get(i), WIDTH * (i % columns), head + HEIGHT * (i / columns), names);
        }
        return svg.toString();
    }

    /** Every name of a series once, in the order in which they occur. */
    private List<String> names() {
        return charts.stream()
                .flatMap(chart -> chart.series().stream())
                .map(Series::name)
                .distinct()
                .toList();
    }

    private static List<List<String>> legendRows(List<String> names, double room) {
        List<List<String>> rows = new ArrayList<>();
        double used = room;
        for (String name : names) {
            double needed = legendWidth(name);
            if (used + needed > room) {
                rows.add(new ArrayList<>());
                used = 0;
            }
            rows.get(rows.size() - 1).add(name);
            used += needed;
        }
        return rows;
    }

    private static double legendWidth(String name) {
        return SWATCH + CHARACTER * name.length() + 14;
    }

    private void legend(Svg svg, List<List<String>> rows, List<String> names) {
        double y = TITLE + LEGEND_ROW / 2.0;
        for (List<String> row : rows) {
            double x = LEFT;
            for (String name : row) {
                swatch(svg, name, names.indexOf(name), x, y);
                svg.text(x + SWATCH, y + 4, 12, "start", INK, name);
                x += legendWidth(name);
            }
            y += LEGEND_ROW;
        }
    }

    /** Shows every style in which a name is drawn somewhere. */
    private void swatch(Svg svg, String name, int number, double x, double y) {
        List<Style> styles = charts.stream()
                .flatMap(chart -> chart.series().stream())
                .filter(series -> series.name().equals(name))
                .map(Series::style)
                .distinct()
                .toList();
        boolean strong = styles.stream().anyMatch(style -> !faint(style));
        String colour = colour(number);
        if (styles.stream().anyMatch(Picture::hasLine)) {
            svg.line(x, y, x + SWATCH - 8, y, colour, 2, strong ? 1 : 0.4);
        }
        if (styles.stream().anyMatch(Picture::hasMarks)) {
            svg.mark(number, x + (SWATCH - 8) / 2.0, y, strong ? 4 : 2.5, colour, strong ? 1 : 0.5);
        }
    }

    private static String colour(int number) {
        return COLOURS.get(number % COLOURS.size());
    }

    private static boolean hasLine(Style style) {
        return style == Style.LINE || style == Style.LINE_AND_MARKS || style == Style.FAINT_LINE;
    }

    private static boolean hasMarks(Style style) {
        return style == Style.MARKS || style == Style.LINE_AND_MARKS || style == Style.FAINT_MARKS;
    }

    private static boolean faint(Style style) {
        return style == Style.FAINT_LINE || style == Style.FAINT_MARKS;
    }

    /** Where values of one chart lie in the picture. */
    private record Frame(Axis xAxis, Axis yAxis, double left, double top) {
        static final double WIDE = WIDTH - LEFT - RIGHT;
        static final double HIGH = HEIGHT - TOP - BOTTOM;

        double x(double value) {
            return left + WIDE * xAxis.position(value);
        }

        double y(double value) {
            return top + HIGH * (1 - yAxis.position(value));
        }
    }

    private static void chart(Svg svg, Chart chart, double x, double y, List<String> names) {
        Frame frame = new Frame(chart.xAxis(), chart.yAxis(), x + LEFT, y + TOP);
        axes(svg, chart, frame);
        svg.text(frame.left + Frame.WIDE / 2, y + TOP - 10, 13, "middle", INK, chart.title());
        for (Series series : chart.series()) {
            series(svg, series, frame, names.indexOf(series.name()));
        }
    }

    private static void axes(Svg svg, Chart chart, Frame frame) {
        double right = frame.left + Frame.WIDE;
        double bottom = frame.top + Frame.HIGH;
        List<String> labels = frame.xAxis.labels();
        for (int i = 0; i < labels.size(); i++) {
            double at = frame.x(frame.xAxis.ticks().get(i));
            svg.line(at, frame.top, at, bottom, GRID, 1, 1);
            svg.text(at, bottom + 16, 11, "middle", INK, labels.get(i));
        }
        labels = frame.yAxis.labels();
        for (int i = 0; i < labels.size(); i++) {
            double at = frame.y(frame.yAxis.ticks().get(i));
            svg.line(frame.left, at, right, at, GRID, 1, 1);
            svg.text(frame.left - 6, at + 4, 11, "end", INK, labels.get(i));
        }
        svg.line(frame.left, bottom, right, bottom, INK, 1, 1);
        svg.line(frame.left, frame.top, frame.left, bottom, INK, 1, 1);
        svg.text(frame.left + Frame.WIDE / 2, bottom + 36, 12, "middle", INK, chart.xLabel());
        svg.upright(frame.left - 46, frame.top + Frame.HIGH / 2, 12, INK, chart.yLabel());
    }

    private static void series(Svg svg, Series series, Frame frame, int number) {
        String colour = colour(number);
        boolean faint = faint(series.style());
        if (hasLine(series.style())) {
            StringBuilder path = new StringBuilder();
            for (Point point : series.points()) {
                path.append(String.format(Locale.ROOT, "%.1f,%.1f ", frame.x(point.x()), frame.y(point.y())));
            }
            svg.polyline(path.toString().strip(), colour, faint ? 1 : 2, faint ? 0.4 : 1);
        }
        for (Point point : series.points()) {
            double x = frame.x(point.x());
            double y = frame.y(point.y());
            if (point.xError() > 0) {
                svg.line(frame.x(point.x() - point.xError()), y, frame.x(point.x() + point.xError()), y, colour, 1, 1);
            }
            if (point.yError() > 0) {
                svg.line(x, frame.y(point.y() - point.yError()), x, frame.y(point.y() + point.yError()), colour, 1, 1);
            }
            if (hasMarks(series.style())) {
                svg.mark(number, x, y, faint ? 2.5 : 4, colour, faint ? 0.5 : 1);
            }
        }
    }
}
