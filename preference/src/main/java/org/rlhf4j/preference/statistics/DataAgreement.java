package org.rlhf4j.preference.statistics;

import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.format.RowFormat;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.FileSummary;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.preference.read.RowScanner;

/**
 * Reads files and measures how far the annotators of one thing agree: two completions of a prompt, of which the first, the
 * second or neither is preferred, or a completion that has a label.
 *
 * @param anonymous whether every row without an annotator is another annotator's; otherwise such rows are left out
 * @param resamples how many times what was judged is drawn anew for the intervals, at least 1
 * @param seed of the drawing
 */
public record DataAgreement(boolean anonymous, int resamples, long seed) {
    /** How many resamples make steady intervals. */
    public static final int RESAMPLES = 1000;

    /**
     * What was read and measured.
     *
     * @param files the files in the order given
     * @param report the figures
     */
    public record Result(List<FileSummary> files, AgreementReport report) {
        /** Copies the list. */
        public Result {
            files = List.copyOf(files);
        }
    }

    /**
     * Measures.
     *
     * @param sources the files
     * @param options how their rows are understood
     * @return the figures
     * @throws DataFormatException if a file cannot be read, a row is invalid, or no row says who judged it
     */
    public Result run(List<DataSource> sources, ReadOptions options) {
        try (AgreementMeter meter = new AgreementMeter(anonymous)) {
            List<FileSummary> files = new ArrayList<>();
            for (DataSource source : sources) {
                files.add(read(source, options, meter));
            }
            if (meter.judged() == 0) {
                String reason = meter.unnamed() == 0
                        ? "nothing is judged: pairs, rankings, partial orders or labels are needed"
                        : "no row says who judged it (the field \"annotator\"; --column annotator=FIELD names another one,"
                                + " --anonymous takes every row as another annotator's)";
                throw new DataFormatException(sources.get(0).name(), 0, reason);
            }
            return new Result(files, meter.report(resamples, seed));
        }
    }

    private static FileSummary read(DataSource source, ReadOptions options, AgreementMeter meter) {
        long[] rows = new long[1];
        try (RowScanner scanner = RowScanner.open(source, options)) {
            RowFormat format = scanner.requireFormat();
            scanner.forEach(
                    scanned -> scanned.require().stream().map(Judgement::of).toList(), (scanned, said) -> {
                        rows[0] += scanned.count();
                        for (int i = 0; i < said.size(); i++) {
                            meter.add(scanned.parsed().rows().get(i), said.get(i));
                        }
                    });
            return new FileSummary(source.name(), scanner.container(), format.name(), scanner.evidence(), rows[0]);
        }
    }
}
