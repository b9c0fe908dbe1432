package org.rlhf4j.cli.data;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.preference.read.ReadOptions;
import picocli.CommandLine.Option;

/** How the rows of the input are understood, where that is not to be told from the data alone. */
final class Reading {
    @Option(
            names = "--from",
            paramLabel = "FORMAT",
            description = "Format of the rows, where detection is not wanted; rlhf data formats lists them.")
    private @Nullable String from;

    @Option(
            names = "--column",
            paramLabel = "NAME=FIELD",
            description =
                    "Which field of the file stands for a field of the format, as in prompt=\"Input text\". Repeatable.")
    private Map<String, String> columns = new LinkedHashMap<>();

    @Option(
            names = "--with",
            paramLabel = "NAME=VALUE",
            description = "A setting of a format, as in min-score-ratio=2; rlhf data formats lists them. Repeatable.")
    private Map<String, String> settings = new LinkedHashMap<>();

    /** The choices made. */
    ReadOptions options() {
        try {
            return new ReadOptions(from, columns, settings);
        } catch (DataFormatException e) {
            throw new UsageException(e.reason());
        }
    }
}
