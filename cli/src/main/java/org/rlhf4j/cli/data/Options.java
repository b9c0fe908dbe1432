package org.rlhf4j.cli.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.NearestName;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.preference.CompletionChoice;
import org.rlhf4j.preference.PairStrategy;
import org.rlhf4j.preference.PairWeights;
import org.rlhf4j.preference.TiePolicy;
import org.rlhf4j.preference.check.Finding;
import org.rlhf4j.preference.container.RowWriter;
import org.rlhf4j.preference.convert.Mixing;
import org.rlhf4j.preference.convert.OutputLayout;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.DataSources;
import org.rlhf4j.preference.read.FileSummary;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What the data commands have in common: values of options, files and {@code -}, lines of reports. */
final class Options {
    /** The file name that means standard input or output. */
    static final String DASH = "-";

    private Options() {}

    /** What {@code --in F} and the like take. */
    static final String FILES =
            "JSON Lines, JSON, CSV or TSV (plain, gzip or zstd) or Parquet, told by their content; a"
                    + " directory stands for the data files in it, a glob such as 'data/*.parquet' for those it matches; - is"
                    + " standard input.";

    /** A file, directory or glob as one source, or standard input. */
    static DataSource source(String name, Terminal terminal) {
        return name.equals(DASH) ? new DataSource.Stream(terminal.in(), "standard input") : DataSources.joined(name);
    }

    /** Files, those of directories and globs each by itself, and at most one standard input. */
    static List<DataSource> sources(List<String> names, Terminal terminal) {
        requireOneDash(names);
        return names.stream()
                .flatMap(name -> name.equals(DASH) ? Stream.of(source(name, terminal)) : DataSources.of(name).stream())
                .toList();
    }

    /** One source for each name, and at most one standard input. */
    static List<DataSource> joinedSources(List<String> names, Terminal terminal) {
        requireOneDash(names);
        return names.stream().map(name -> source(name, terminal)).toList();
    }

    private static void requireOneDash(List<String> names) {
        if (names.stream().filter(DASH::equals).count() > 1) {
            throw new UsageException("standard input (-) can be read only once");
        }
    }

    /** Refuses to write over what is read: the rows of a run that leaves some out would be lost. */
    static void requireNoInput(List<DataSource> sources, @Nullable Path... outputs) {
        for (DataSource source : sources) {
            if (source instanceof DataSource.Joined joined) {
                requireNoInput(joined.parts(), outputs);
            } else if (source instanceof DataSource.File input) {
                for (Path output : outputs) {
                    if (output != null && same(input.path(), output)) {
                        throw new UsageException(output + " is read, so it cannot be written too; name another file");
                    }
                }
            }
        }
    }

    /** Whether two names mean one file, also by way of links. */
    static boolean same(Path a, Path b) {
        if (a.toAbsolutePath().normalize().equals(b.toAbsolutePath().normalize())) {
            return true;
        }
        try {
            return Files.exists(a) && Files.exists(b) && Files.isSameFile(a, b);
        } catch (IOException e) {
            return false;
        }
    }

    /** Writes rows, then says what was done. */
    @FunctionalInterface
    interface Rows<T> {
        T writeTo(RowWriter out) throws IOException;
    }

    /** Writes a file that appears only when it is complete. */
    static <T> T writeAtomically(Path file, Rows<T> rows) throws IOException {
        List<T> result = new java.util.ArrayList<>(1);
        Storage.disk().writeAtomically(file, out -> result.add(rows.writeTo(RowWriter.named(out, file))));
        return result.get(0);
    }

    /** {@code F: hh-rlhf, 800 rows (what speaks for it)}. */
    static String describe(FileSummary file) {
        String evidence = file.evidence().isEmpty() ? "" : " (" + file.evidence() + ")";
        return file.file() + ": " + file.format() + ", " + count(file.rows(), "row") + evidence;
    }

    /** {@code 1 row}, {@code 2 rows}. */
    static String count(long n, String noun) {
        return n + " " + noun + (n == 1 ? "" : "s");
    }

    /** The first places of a finding, one a line. */
    static List<String> examples(Finding finding) {
        return finding.examples().stream()
                .map(example -> {
                    String excerpt = example.excerpt().isEmpty() ? "" : "  " + example.excerpt();
                    return "    " + example.place() + ": " + example.detail() + excerpt;
                })
                .toList();
    }

    /** {@code "a" (3 rows), "b" (1 row)}. */
    static String fields(Map<String, Long> rows) {
        return rows.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(field -> "\"" + field.getKey() + "\" (" + count(field.getValue(), "row") + ")")
                .collect(Collectors.joining(", "));
    }

    /** The value of {@code --pairs}. */
    static final class StrategyConverter implements ITypeConverter<PairStrategy> {
        @Override
        public PairStrategy convert(String value) {
            try {
                return PairStrategy.named(value);
            } catch (DataFormatException e) {
                throw new TypeConversionException(e.reason());
            }
        }
    }

    /** The value of {@code --to}. */
    static final class LayoutConverter implements ITypeConverter<OutputLayout> {
        @Override
        public OutputLayout convert(String value) {
            try {
                return OutputLayout.named(value);
            } catch (DataFormatException e) {
                throw new TypeConversionException(e.reason());
            }
        }
    }

    /** The value of {@code --mix-until}. */
    static final class UntilConverter implements ITypeConverter<Mixing.Until> {
        @Override
        public Mixing.Until convert(String value) {
            return constant(Mixing.Until.class, "end of mixing", value);
        }
    }

    /** The value of {@code --ties}. */
    static final class TiesConverter implements ITypeConverter<TiePolicy> {
        @Override
        public TiePolicy convert(String value) {
            return constant(TiePolicy.class, "tie policy", value);
        }
    }

    /** The value of {@code --weights}. */
    static final class WeightsConverter implements ITypeConverter<PairWeights> {
        @Override
        public PairWeights convert(String value) {
            return constant(PairWeights.class, "weighting", value);
        }
    }

    /** The value of {@code --completions}. */
    static final class CompletionsConverter implements ITypeConverter<CompletionChoice> {
        @Override
        public CompletionChoice convert(String value) {
            return constant(CompletionChoice.class, "choice of completions", value);
        }
    }

    /** The constant PER_PROMPT for per-prompt. */
    static <E extends Enum<E>> E constant(Class<E> type, String what, String value) {
        List<String> known = new java.util.ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            String label = constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
            if (label.equals(value)) {
                return constant;
            }
            known.add(label);
        }
        throw new TypeConversionException(NearestName.unknown(what, value, known));
    }
}
