package org.rlhf4j.benchmarks.experiments;

import java.util.ArrayList;
import java.util.List;

/**
 * Values of one name in a chart.
 *
 * @param name shown in the legend; series of one name have one colour in all charts of a picture
 * @param style how they are drawn
 * @param points in the order in which a line joins them
 */
public record Series(String name, Style style, List<Point> points) {
    /** How values are drawn. */
    public enum Style {
        /** A line through all points. */
        LINE,
        /** A mark at each point. */
        MARKS,
        /** Both. */
        LINE_AND_MARKS,
        /** A thin pale line: one of many. */
        FAINT_LINE,
        /** Small pale marks: single runs beside their mean. */
        FAINT_MARKS
    }

    /**
     * One value.
     *
     * @param x to the right
     * @param y upwards
     * @param xError half the width of the horizontal error bar, 0 for none
     * @param yError half the height of the vertical error bar, 0 for none
     */
    public record Point(double x, double y, double xError, double yError) {
        /** Refuses what cannot be drawn. */
        public Point {
            if (!Double.isFinite(x + y + xError + yError) || xError < 0 || yError < 0) {
                throw new IllegalArgumentException(
                        "a chart cannot show (" + x + ", " + y + ") with errors " + xError + " and " + yError);
            }
        }

        /** A value without error bars. */
        public Point(double x, double y) {
            this(x, y, 0, 0);
        }
    }

    /** Copies the points. */
    public Series {
        points = List.copyOf(points);
    }

    /**
     * A line over the numbers of its values.
     *
     * @param name of the series
     * @param y values over 0, 1, 2, ...
     */
    public static Series line(String name, double... y) {
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < y.length; i++) {
            points.add(new Point(i, y[i]));
        }
        return new Series(name, Style.LINE, points);
    }
}
