package org.rlhf4j.preference.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.preference.CompletionChoice;
import org.rlhf4j.preference.PairStrategy;
import org.rlhf4j.preference.RankingPairs;
import org.rlhf4j.preference.RowConversion;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.preference.TiePolicy;
import org.rlhf4j.preference.check.CheckReport;
import org.rlhf4j.preference.check.DataCheck;
import org.rlhf4j.preference.check.Finding;
import org.rlhf4j.preference.clean.DataSplit;
import org.rlhf4j.preference.container.RowWriter;
import org.rlhf4j.preference.convert.DataConversion;
import org.rlhf4j.preference.convert.OutputLayout;
import org.rlhf4j.preference.format.GroupFormat;
import org.rlhf4j.preference.format.RowFormat;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.FileSummary;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.preference.show.DataShow;
import org.rlhf4j.preference.show.TerminalPage;
import org.rlhf4j.preference.statistics.DataStatistics;

/**
 * What must hold whatever a file is: every use returns or throws a {@link DataFormatException} of one line that names the
 * file; what is converted can be read again without errors; and the order of lines does not change the counts of a check.
 */
final class FuzzOracle {
    /** As many rows as the format is told from: with more, others would come first in another order. */
    private static final int DETECTION_ROWS = 256;

    private final Path file;
    private final SeededStream random;
    private final ReadOptions options;
    private final DataSource source;

    /** What a check says about the file: rows that are good enough to be used, or none. */
    private long goodRows;

    private FuzzOracle(Path file, SeededStream random) {
        this.file = file;
        this.random = random;
        this.options = options(random);
        this.source = new DataSource.File(file);
    }

    /**
     * Uses a file in every way.
     *
     * @param file the file
     * @param random what is chosen about its use
     * @return how many rows were converted
     */
    static long use(Path file, SeededStream random) throws IOException {
        FuzzOracle oracle = new FuzzOracle(file, random);
        oracle.check();
        oracle.convert();
        oracle.sumUpAndSplit();
        oracle.show();
        return oracle.goodRows;
    }

    private static ReadOptions options(SeededStream random) {
        if (random.nextInt(4) != 0) {
            return ReadOptions.DETECT;
        }
        List<RowFormat> formats = RowFormat.all();
        return ReadOptions.of(formats.get(random.nextInt(formats.size())).name());
    }

    /** Something that uses the file. */
    @FunctionalInterface
    private interface Use {
        void run() throws IOException;
    }

    private void typed(Use use) throws IOException {
        try {
            use.run();
        } catch (DataFormatException e) {
            assertThat(e.getMessage()).contains(file.toString()).doesNotContain("\n", "\r");
            assertThat(e.reason()).isNotBlank().hasSizeLessThan(6000);
        }
    }

    private void check() throws IOException {
        CheckReport report = DataCheck.check(List.of(source), options);
        for (Finding finding : report.findings()) {
            assertThat(finding.count()).isPositive();
            assertThat(finding.examples()).isNotEmpty().allSatisfy(example -> {
                assertThat(example.place()).startsWith(file.toString());
                assertThat(example.detail()).isNotBlank().doesNotContain("\n", "\r");
                assertThat(example.excerpt()).doesNotContain("\n", "\r");
            });
        }
        Json.write(report.figures());
        List<String> lines = shuffled();
        if (!lines.isEmpty() && isLines(report.files().get(0))) {
            byte[] bytes = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.ISO_8859_1);
            CheckReport again =
                    DataCheck.check(List.of(new DataSource.Stream(new ByteArrayInputStream(bytes), "again")), options);
            assertThat(counts(again)).as("in another order").isEqualTo(counts(report));
        }
    }

    private boolean isLines(FileSummary summary) {
        return summary.container().equals("JSON Lines")
                && RowFormat.all().stream()
                        .noneMatch(format -> format.name().equals(summary.format()) && format instanceof GroupFormat);
    }

    /** The lines of a plain file in another order; none where they would not be the same rows. */
    private List<String> shuffled() throws IOException {
        if (Files.size(file) > 1 << 16) {
            return List.of();
        }
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        List<String> lines =
                new ArrayList<>(text.lines().filter(line -> !line.isBlank()).toList());
        // A carriage return within a line, a first line that is no object: another order may be another kind of file.
        if (lines.size() > DETECTION_ROWS
                || text.indexOf('\r') >= 0
                || !lines.stream().allMatch(line -> line.startsWith("{\""))) {
            return List.of();
        }
        for (int i = lines.size() - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            lines.set(i, lines.set(j, lines.get(i)));
        }
        return lines;
    }

    private static Map<String, Long> counts(CheckReport report) {
        Map<String, Long> counts = new TreeMap<>();
        report.findings().forEach(finding -> counts.put(finding.rule().id(), finding.count()));
        return counts;
    }

    private void convert() throws IOException {
        RowConversion<?> to = conversion();
        boolean drop = random.nextInt(4) != 0;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        typed(() -> {
            long rows = new DataConversion(options, to, drop)
                    .run(List.of(source), RowWriter.plain(out))
                    .rowsOut();
            DataSource converted = new DataSource.Stream(new ByteArrayInputStream(out.toByteArray()), "again");
            CheckReport report = DataCheck.check(List.of(converted), ReadOptions.DETECT);
            assertThat(report.rows()).isEqualTo(rows);
            assertThat(report.findings().stream()
                            .filter(finding -> finding.rule().isError() && finding.rule() != Rule.REPEATED_ID))
                    .as("errors in what was converted")
                    .isEmpty();
            goodRows = rows;
        });
        OutputLayout[] layouts = OutputLayout.values();
        OutputLayout layout = layouts[random.nextInt(layouts.length)];
        ByteArrayOutputStream columns = new ByteArrayOutputStream();
        typed(() -> {
            new DataConversion(options, to, true, layout, null).run(List.of(source), RowWriter.plain(columns));
            DataSource converted = new DataSource.Stream(new ByteArrayInputStream(columns.toByteArray()), "columns");
            assertThat(DataCheck.check(List.of(converted), ReadOptions.DETECT).findings())
                    .as("what was converted to the layout " + layout)
                    .noneMatch(finding -> finding.rule() == Rule.MALFORMED_JSON || finding.rule() == Rule.BAD_UTF8);
        });
    }

    private @Nullable RowConversion<?> conversion() {
        return switch (random.nextInt(6)) {
            case 0 -> new RankingPairs(PairStrategy.ALL, TiePolicy.KEEP);
            case 1 -> new RankingPairs(PairStrategy.ADJACENT, TiePolicy.DROP);
            case 2 -> CompletionChoice.ALL;
            default -> null;
        };
    }

    private void sumUpAndSplit() throws IOException {
        typed(() -> Json.write(DataStatistics.of(source, options).figures()));
        DataSplit.Parts parts = new DataSplit.Parts(nowhere(), null, nowhere());
        typed(() -> new DataSplit(0.5, random.nextInt(9)).run(List.of(source), options, parts));
    }

    private static RowWriter nowhere() {
        return RowWriter.plain(OutputStream.nullOutputStream());
    }

    private void show() throws IOException {
        TerminalPage page = new TerminalPage(60 + random.nextInt(80), random.nextInt(2) == 0);
        boolean color = random.nextInt(2) == 0;
        typed(() -> new DataShow(options, 1, 20, 5, random.nextInt(2) == 0).show(List.of(source), row -> {
            for (String line : page.lines(row)) {
                assertThat(line.replaceAll("\u001b\\[[0-9;]*m", "")).doesNotContainPattern("[\\p{Cntrl}]");
            }
            return color;
        }));
    }
}
