package org.rlhf4j.core.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.LineAppender;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.train.MetricsSink;
import org.rlhf4j.core.train.Progress.StepMetrics;

/**
 * Appends one JSON object a line, {@code {"step":10,"loss":0.69,...}}; each line is with the operating system before the
 * next step begins, or held back until the disk takes it. A figure that is NaN or infinite, which JSON cannot hold, is
 * {@code null}.
 */
public final class MetricsLog implements MetricsSink, AutoCloseable {
    private final LineAppender lines;

    private MetricsLog(LineAppender lines) {
        this.lines = lines;
    }

    static MetricsLog append(Storage storage, Path path) throws IOException {
        return new MetricsLog(storage.appendLines(path));
    }

    @Override
    public void accept(StepMetrics metrics) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("step", metrics.step());
        metrics.values().forEach((name, value) -> line.put(name, Double.isFinite(value) ? value : null));
        // A pending interrupt would close the file; the training loop answers it before its next step.
        boolean interrupted = Thread.interrupted();
        try {
            lines.append(Json.write(line));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public Optional<String> newTrouble() {
        return lines.newTrouble();
    }

    @Override
    public void flush() throws IOException {
        lines.flush();
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
