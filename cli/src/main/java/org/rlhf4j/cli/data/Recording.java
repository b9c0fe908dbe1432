package org.rlhf4j.cli.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.core.run.Build;
import org.rlhf4j.preference.clean.FileContent;
import org.rlhf4j.preference.clean.Lineage;
import org.rlhf4j.preference.container.RowWriter;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.FileSummary;
import org.rlhf4j.preference.read.ReadOptions;

/** Keeps what a lineage needs to know while a command reads and writes. */
final class Recording {
    private final List<DataSource> sources = new ArrayList<>();
    private final Map<Path, FileContent> files = new LinkedHashMap<>();
    private final List<FileContent.Meter> meters = new ArrayList<>();
    private final List<Lineage.Output> outputs = new ArrayList<>();

    /** The sources, to be read as this gives them. */
    Recording(List<DataSource> given) {
        for (DataSource source : given) {
            if (source instanceof DataSource.File file) {
                files.put(file.path(), FileContent.of(file.path()));
                sources.add(file);
            } else if (source instanceof DataSource.Stream stream) {
                FileContent.Meter meter = new FileContent.Meter();
                meters.add(meter);
                sources.add(new DataSource.Stream(meter.reading(stream.stream()), stream.name()));
            } else {
                throw new IllegalArgumentException(source.name() + " is several files; each is recorded by itself");
            }
        }
    }

    List<DataSource> sources() {
        return sources;
    }

    /** Writes a file that appears only when it is complete. */
    <T> T write(Path file, Options.Rows<T> rows) throws IOException {
        FileContent.Meter meter = new FileContent.Meter();
        List<T> result = new ArrayList<>(1);
        long[] count = new long[1];
        Storage.disk().writeAtomically(file, out -> {
            RowWriter writer = RowWriter.named(meter.writing(out), file);
            if (writer.needsColumns()) {
                throw new UsageException(
                        file + " would need columns: write JSON Lines, and rlhf data convert makes Parquet of it");
            }
            result.add(rows.writeTo(writer));
            count[0] = writer.rows();
        });
        outputs.add(new Lineage.Output(meter.of(file), count[0]));
        return result.get(0);
    }

    /**
     * Writes the lineage beside a file, the last thing a command does.
     *
     * @throws DataFormatException if an input is not what it was before it was read
     */
    Path finish(String command, Path file, ReadOptions reading, List<FileSummary> summaries, Map<String, Object> done)
            throws IOException {
        files.forEach((path, content) -> {
            if (!FileContent.of(path).equals(content)) {
                throw new DataFormatException(
                        path.toString(), 0, "changed while it was read, so there is no lineage to write; run it again");
            }
        });
        List<FileContent> contents = new ArrayList<>(files.values());
        meters.forEach(meter -> contents.add(meter.of(Path.of("standard input"))));
        List<Lineage.Input> inputs = new ArrayList<>();
        for (int i = 0; i < summaries.size(); i++) {
            FileSummary summary = summaries.get(i);
            inputs.add(new Lineage.Input(contents.get(i), summary.container(), summary.format(), summary.rows()));
        }
        Path lineage = Lineage.beside(file);
        new Lineage(Build.current().version(), command, reading, inputs, done, outputs).write(lineage);
        return lineage;
    }
}
