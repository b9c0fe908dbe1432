package org.rlhf4j.cli.console;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.train.Progress;
import org.rlhf4j.core.train.TrainingResult;

/**
 * Shows a training run on standard error: one line that is redrawn where a person watches, a line every few seconds
 * otherwise, and every evaluation.
 */
public final class TrainingProgress implements Progress {
    private static final long NANOS_BETWEEN_REDRAWS = Duration.ofMillis(200).toNanos();
    private static final long NANOS_BETWEEN_LINES = Duration.ofSeconds(5).toNanos();
    private static final int BAR = 24;

    private final Terminal terminal;
    private final String title;
    private final Words words;
    private long last = System.nanoTime();
    private boolean drawn;
    private long steps;
    private @Nullable Double figure;

    /**
     * What a line says.
     *
     * @param items what is counted by the second
     * @param metric the figure that is shown, by its name in {@code metrics.jsonl}
     * @param format a format string for it
     */
    public record Words(String items, String metric, String format) {
        /** Training on text. */
        public static final Words TEXT = new Words("tokens", "loss", "loss %.4f");
    }

    /**
     * A display of training on text.
     *
     * @param terminal where it shows
     * @param title what is being trained, a few words
     */
    public TrainingProgress(Terminal terminal, String title) {
        this(terminal, title, Words.TEXT);
    }

    /**
     * A display.
     *
     * @param terminal where it shows
     * @param title what is being trained, a few words
     * @param words what a line says
     */
    public TrainingProgress(Terminal terminal, String title, Words words) {
        this.terminal = terminal;
        this.title = title;
        this.words = words;
    }

    @Override
    public void started(int rows, long totalSteps) {
        terminal.note("%s: %,d rows, %,d steps", title, rows, totalSteps);
        last = System.nanoTime();
    }

    @Override
    public void logged(StepMetrics metrics) {
        figure = metrics.values().get(words.metric);
    }

    /** Steps made so far, by the last one that was told. */
    public long steps() {
        return steps;
    }

    @Override
    public void step(Step step) {
        steps = step.step();
        long now = System.nanoTime();
        long pause = terminal.interactive() ? NANOS_BETWEEN_REDRAWS : NANOS_BETWEEN_LINES;
        if (now - last < pause) {
            return;
        }
        last = now;
        String line = String.format(
                Locale.ROOT,
                "%s %s%d/%d%s, %,.0f %s/s, %s left",
                title,
                terminal.interactive() ? bar(step) : "step ",
                step.step(),
                step.totalSteps(),
                figure == null ? "" : ", " + String.format(Locale.ROOT, words.format, figure),
                step.tokensPerSecond(),
                words.items,
                brief(step.remaining()));
        if (terminal.interactive()) {
            terminal.redraw(line);
            drawn = true;
        } else {
            terminal.note("%s", line);
        }
    }

    @Override
    public void evaluated(StepMetrics metrics, boolean best) {
        clear();
        String figures = metrics.values().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("eval_"))
                .map(TrainingProgress::evaluation)
                .collect(Collectors.joining(", "));
        terminal.note("%s step %d: %s%s", title, metrics.step(), figures, best ? " (best so far)" : "");
    }

    private static String evaluation(Map.Entry<String, Double> entry) {
        return String.format(Locale.ROOT, "%s %.4f", entry.getKey(), entry.getValue());
    }

    @Override
    public void warned(long step, String text) {
        clear();
        terminal.note("%s step %d: %s", title, step, text);
    }

    @Override
    public void finished(TrainingResult result) {
        clear();
        String end = result.interrupted() ? "interrupted after" : "done:";
        terminal.note("%s: %s %,d steps, %,d tokens", title, end, result.steps(), result.tokens());
    }

    /** Takes away the line that is redrawn. */
    public void clear() {
        if (drawn) {
            terminal.redraw("");
            drawn = false;
        }
    }

    private static String bar(Step step) {
        int filled = (int) (BAR * step.step() / step.totalSteps());
        return "[" + "#".repeat(filled) + "-".repeat(BAR - filled) + "] ";
    }

    private static String brief(Duration time) {
        long seconds = time.toSeconds();
        if (seconds < 60) {
            return seconds + " s";
        }
        return seconds < 3600
                ? String.format(Locale.ROOT, "%d:%02d min", seconds / 60, seconds % 60)
                : String.format(Locale.ROOT, "%d:%02d h", seconds / 3600, seconds / 60 % 60);
    }
}
