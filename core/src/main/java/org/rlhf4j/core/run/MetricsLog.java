package org.rlhf4j.core.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.base.StorageFile;
import org.rlhf4j.core.train.Progress.StepMetrics;

/**
 * Appends one JSON object a line, {@code {"step":10,"loss":0.69,...}}; each line is with the operating system before the
 * next step begins. A figure that is NaN or infinite, which JSON cannot hold, is {@code null}.
 */
public final class MetricsLog implements Consumer<StepMetrics>, AutoCloseable {
    private final Path path;
    private final StorageFile file;

    private MetricsLog(Path path, StorageFile file) {
        this.path = path;
        this.file = file;
    }

    static MetricsLog append(Storage storage, Path path) throws IOException {
        return new MetricsLog(path, storage.openForAppend(path));
    }

    @Override
    public void accept(StepMetrics metrics) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("step", metrics.step());
        metrics.values().forEach((name, value) -> line.put(name, Double.isFinite(value) ? value : null));
        // A pending interrupt would close the file; the training loop answers it before its next step.
        boolean interrupted = Thread.interrupted();
        try {
            // One write for the whole line: a reader, or a crash, sees it whole.
            file.write((Json.write(line) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be written", e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() throws IOException {
        try (file) {
            file.sync();
        }
    }
}
