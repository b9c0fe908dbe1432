package org.rlhf4j.cli.data;

import java.util.LinkedHashMap;
import java.util.List;
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
    private List<String> columns = List.of();

    @Option(
            names = "--with",
            paramLabel = "NAME=VALUE",
            description = "A setting of a format, as in min-score-ratio=2; rlhf data formats lists them. Repeatable.")
    private List<String> settings = List.of();

    /** The choices made. */
    ReadOptions options() {
        try {
            return new ReadOptions(from, named("--column", columns), named("--with", settings));
        } catch (DataFormatException e) {
            throw new UsageException(e.reason());
        }
    }

    private static Map<String, String> named(String option, List<String> values) {
        Map<String, String> named = new LinkedHashMap<>();
        for (String value : values) {
            int equals = value.indexOf('=');
            if (equals < 1) {
                throw new UsageException(option + " " + value + " must be a name, =, and a value");
            }
            String name = value.substring(0, equals);
            if (named.put(name, value.substring(equals + 1)) != null) {
                throw new UsageException(option + " says twice what " + name + " is");
            }
        }
        return named;
    }
}
