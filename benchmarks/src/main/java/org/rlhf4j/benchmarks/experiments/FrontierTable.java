package org.rlhf4j.benchmarks.experiments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.stat.StatUtils;
import org.rlhf4j.benchmarks.experiments.Series.Point;
import org.rlhf4j.benchmarks.experiments.Series.Style;

/** The table of the frontier, a line a trained policy, and its picture. */
final class FrontierTable {
    private final Path file;
    private final List<FrontierPoint> points = new ArrayList<>();

    private FrontierTable(Path file) {
        this.file = file;
    }

    /** Opens a table, or begins one. */
    static FrontierTable open(Path file) throws IOException {
        FrontierTable table = new FrontierTable(file);
        if (Files.exists(file)) {
            Files.readAllLines(file).stream().skip(1).map(FrontierPoint::read).forEach(table.points::add);
        }
        return table;
    }

    /** Whether a run is in it. */
    boolean has(String method, String settings, long seed, String prompts) {
        return points.stream().anyMatch(point -> point.is(method, settings, seed, prompts));
    }

    /** Adds a run; the file is complete at any time. */
    void add(FrontierPoint point) throws IOException {
        points.add(point);
        StringBuilder lines = new StringBuilder(FrontierPoint.HEADER).append('\n');
        points.forEach(one -> lines.append(one.line()).append('\n'));
        Checkout.write(file, lines.toString());
    }

    /**
     * True reward over divergence: single runs, and for each setting the mean over seeds with its standard error, joined in
     * the order of divergence.
     *
     * @param prompts those of {@code validation} or {@code test}
     * @throws IllegalArgumentException if there is no run on them
     */
    Picture picture(String prompts) {
        List<FrontierPoint> shown =
                points.stream().filter(point -> point.prompts().equals(prompts)).toList();
        Chart chart = new Chart(
                "", "KL from the SFT model, nats a sequence", "true reward of samples (" + prompts + " prompts)");
        Map<String, Map<String, List<FrontierPoint>>> byMethod = new LinkedHashMap<>();
        for (FrontierPoint point : shown) {
            byMethod.computeIfAbsent(point.method(), name -> new LinkedHashMap<>())
                    .computeIfAbsent(point.settings(), settings -> new ArrayList<>())
                    .add(point);
        }
        for (String method : List.copyOf(byMethod.keySet())) {
            List<Point> runs = shown.stream()
                    .filter(point -> point.method().equals(method))
                    .map(point -> new Point(point.kl(), point.reward()))
                    .toList();
            List<Point> means = byMethod.getOrDefault(method, Map.of()).values().stream()
                    .map(FrontierTable::mean)
                    .sorted(Comparator.comparingDouble(Point::x))
                    .toList();
            String name = method.toUpperCase(Locale.ROOT);
            chart = chart.with(new Series(name, Style.FAINT_MARKS, runs))
                    .with(new Series(name, Style.LINE_AND_MARKS, means));
        }
        List<Point> starts = shown.stream()
                .map(point -> new Point(0, point.sftReward()))
                .distinct()
                .toList();
        chart = chart.with(new Series("SFT", Style.MARKS, starts));
        return new Picture("Reward and divergence: PPO and DPO", 1, List.of(chart));
    }

    private static Point mean(List<FrontierPoint> runs) {
        double[] kl = runs.stream().mapToDouble(FrontierPoint::kl).toArray();
        double[] reward = runs.stream().mapToDouble(FrontierPoint::reward).toArray();
        return new Point(StatUtils.mean(kl), StatUtils.mean(reward), error(kl), error(reward));
    }

    /** Standard error of the mean; 0 for a single value. */
    private static double error(double[] values) {
        return values.length < 2 ? 0 : Math.sqrt(StatUtils.variance(values) / values.length);
    }

    /**
     * The means over seeds, one line a setting.
     *
     * @param prompts those of {@code validation} or {@code test}
     */
    List<String> summary(String prompts) {
        Map<String, List<FrontierPoint>> bySetting = new LinkedHashMap<>();
        points.stream()
                .filter(point -> point.prompts().equals(prompts))
                .forEach(point -> bySetting
                        .computeIfAbsent(point.method() + " " + point.settings(), name -> new ArrayList<>())
                        .add(point));
        List<String> lines = new ArrayList<>();
        bySetting.forEach((name, runs) -> lines.add(String.format(
                Locale.ROOT,
                "%-60s %2d seeds  true reward %5.2f (lowest gain %5.2f)  KL %6.2f  tokens %5.1f",
                name,
                runs.size(),
                mean(runs, FrontierPoint::reward),
                runs.stream()
                        .mapToDouble(run -> run.reward() - run.sftReward())
                        .min()
                        .orElseThrow(),
                mean(runs, FrontierPoint::kl),
                mean(runs, FrontierPoint::tokens))));
        return lines;
    }

    private static double mean(List<FrontierPoint> runs, ToDoubleFunction<FrontierPoint> figure) {
        return runs.stream().mapToDouble(figure).average().orElseThrow();
    }
}
