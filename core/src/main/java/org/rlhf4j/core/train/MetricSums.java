package org.rlhf4j.core.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.rlhf4j.core.checkpoint.Resumable;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.checkpoint.StateWriter;

/**
 * Figures gathered over micro-batches: a mean keeps its sum and count apart, so that the mean over a window is the mean
 * over its rows or tokens and not over its batches.
 */
public final class MetricSums implements Resumable {
    private final Map<String, Cell> cells = new LinkedHashMap<>();

    private enum Kind {
        MEAN,
        MIN,
        MAX
    }

    /** For a mean: sum and count. For an extreme: the value, and whether there is one. */
    private static final class Cell {
        private final Kind kind;
        private double value;
        private double count;

        Cell(Kind kind) {
            this.kind = kind;
        }

        void add(double otherValue, double otherCount) {
            if (otherCount == 0) {
                return;
            }
            value = switch (kind) {
                case MEAN -> value + otherValue;
                case MIN -> count == 0 ? otherValue : Math.min(value, otherValue);
                case MAX -> count == 0 ? otherValue : Math.max(value, otherValue);
            };
            count += otherCount;
        }

        double result() {
            return kind == Kind.MEAN ? value / count : value;
        }
    }

    /** Adds to a mean: a sum over {@code count} rows or tokens (or a weighted sum over a total weight). */
    public void mean(String name, double sum, double count) {
        if (!(count >= 0)) {
            throw new IllegalArgumentException("metric " + name + " is summed over " + count + " values");
        }
        cell(name, Kind.MEAN).add(sum, count);
    }

    /** Lowers a minimum. */
    public void min(String name, double value) {
        cell(name, Kind.MIN).add(value, 1);
    }

    /** Raises a maximum. */
    public void max(String name, double value) {
        cell(name, Kind.MAX).add(value, 1);
    }

    /** Adds all that another one gathered. */
    public void add(MetricSums other) {
        other.cells.forEach((name, cell) -> cell(name, cell.kind).add(cell.value, cell.count));
    }

    /** Sums and counts: figures over a window that a checkpoint cuts in two are those of the whole window. */
    @Override
    public void saveTo(StateWriter out) {
        cells.forEach((name, cell) -> out.within(name)
                .put("kind", cell.kind.name())
                .put("value", cell.value)
                .put("count", cell.count));
    }

    @Override
    public void restoreFrom(StateReader in) {
        clear();
        for (String name : in.names()) {
            StateReader saved = in.within(name);
            Cell cell = cell(name, Kind.valueOf(saved.text("kind")));
            cell.value = saved.number("value");
            cell.count = saved.number("count");
        }
    }

    /** Forgets everything. */
    public void clear() {
        cells.clear();
    }

    /** The figures in the order of their first mention; a mean over nothing is left out. */
    public Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>();
        cells.forEach((name, cell) -> {
            if (cell.count > 0) {
                values.put(name, cell.result());
            }
        });
        return values;
    }

    private Cell cell(String name, Kind kind) {
        Cell cell = cells.computeIfAbsent(name, n -> new Cell(kind));
        if (cell.kind != kind) {
            throw new IllegalArgumentException("metric " + name + " is a " + cell.kind + " and a " + kind);
        }
        return cell;
    }
}
