package org.rlhf4j.benchmarks.experiments;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.rlhf4j.benchmarks.experiments.Series.Point;

/**
 * One coordinate system with its series. A {@link Picture} draws it.
 *
 * @param title above the chart; may be empty
 * @param xLabel below it: what x is, and its unit
 * @param yLabel beside it: what y is, and its unit
 * @param series drawn in this order, the last on top
 */
public record Chart(String title, String xLabel, String yLabel, List<Series> series) {
    /** Copies the series. */
    public Chart {
        series = List.copyOf(series);
    }

    /** A chart without series yet. */
    public Chart(String title, String xLabel, String yLabel) {
        this(title, xLabel, yLabel, List.of());
    }

    /** The same chart with one more series on top. */
    public Chart with(Series added) {
        List<Series> more = new ArrayList<>(series);
        more.add(added);
        return new Chart(title, xLabel, yLabel, more);
    }

    /**
     * The axis of x, which encloses every point and error bar.
     *
     * @throws IllegalArgumentException if there is no point
     */
    public Axis xAxis() {
        return Axis.enclosing(points().flatMapToDouble(p -> DoubleStream.of(p.x() - p.xError(), p.x() + p.xError())));
    }

    /**
     * The axis of y, which encloses every point and error bar.
     *
     * @throws IllegalArgumentException if there is no point
     */
    public Axis yAxis() {
        return Axis.enclosing(points().flatMapToDouble(p -> DoubleStream.of(p.y() - p.yError(), p.y() + p.yError())));
    }

    private Stream<Point> points() {
        return series.stream().flatMap(one -> one.points().stream());
    }
}
