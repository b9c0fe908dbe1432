package org.rlhf4j.preference.statistics;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Message;
import org.rlhf4j.preference.Demonstration;
import org.rlhf4j.preference.PartialOrder;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.RankedCompletion;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.digest.Digest;
import org.rlhf4j.preference.digest.DigestSort;
import org.rlhf4j.preference.digest.RowKeys;
import org.rlhf4j.preference.format.RowFormat;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.FileSummary;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.preference.read.RowScanner;

/** Reads a file once and sums it up, in bounded memory. */
public final class DataStatistics {
    private final Map<String, LengthHistogram> lengths = new LinkedHashMap<>();
    private final TreeMap<Integer, Long> rankingSizes = new TreeMap<>();
    private long compared;
    private long longer;
    private long ties;
    private double weight;

    private DataStatistics() {}

    /**
     * Sums up.
     *
     * @param source the file
     * @param options how its rows are understood
     * @return the figures
     * @throws org.rlhf4j.base.DataFormatException if it cannot be read, its format cannot be told, or it holds no rows
     */
    public static StatisticsReport of(DataSource source, ReadOptions options) {
        DataStatistics statistics = new DataStatistics();
        long[] rows = new long[1];
        long[] invalid = new long[1];
        long[] prompts = new long[1];
        try (RowScanner scanner = RowScanner.open(source, options);
                DigestSort digests = new DigestSort()) {
            RowFormat format = scanner.requireFormat();
            scanner.forEach(DataStatistics::prompts, (scanned, keys) -> {
                rows[0] += scanned.count();
                if (scanned.parsed().isRefused()) {
                    invalid[0] += scanned.count();
                }
                keys.forEach(prompt -> digests.add(prompt, 0));
                scanned.parsed().rows().forEach(statistics::add);
            });
            digests.forEach((first, digest, value) -> prompts[0] += first ? 1 : 0);
            FileSummary file =
                    new FileSummary(source.name(), scanner.container(), format.name(), scanner.evidence(), rows[0]);
            return statistics.report(file, format.kind(), invalid[0], prompts[0]);
        }
    }

    private static List<Digest> prompts(RowScanner.Scanned scanned) {
        return scanned.parsed().rows().stream().map(RowKeys::prompt).toList();
    }

    private StatisticsReport report(FileSummary file, Row.Kind kind, long invalid, long prompts) {
        Map<String, StatisticsReport.Lengths> summaries = new LinkedHashMap<>();
        lengths.forEach((field, histogram) -> summaries.put(field, histogram.summary()));
        return new StatisticsReport(
                file,
                kind,
                invalid,
                prompts,
                summaries,
                new StatisticsReport.LongerChosen(compared, longer),
                ties,
                rankingSizes,
                weight);
    }

    private void add(Row row) {
        Content prompt = row.prompt();
        if (prompt != null) {
            addLength("prompt", prompt);
        }
        if (row instanceof PreferencePair pair) {
            int chosen = addLength("chosen", pair.chosen());
            int rejected = addLength("rejected", pair.rejected());
            weight += pair.weight();
            Double probability = pair.probability();
            if (pair.isTie()) {
                ties++;
            } else if (probability == null || probability > 0.5) {
                compare(chosen, rejected);
            } else {
                compare(rejected, chosen);
            }
        } else if (row instanceof Ranking ranking) {
            addRanking(ranking.completions());
        } else if (row instanceof PartialOrder order) {
            addOrder(order);
        } else if (row instanceof Demonstration demonstration) {
            addLength(prompt == null ? "text" : "completion", demonstration.completion());
        }
    }

    private void addRanking(List<RankedCompletion> completions) {
        rankingSizes.merge(completions.size(), 1L, Long::sum);
        int[] sizes = new int[completions.size()];
        for (int i = 0; i < sizes.length; i++) {
            RankedCompletion a = completions.get(i);
            sizes[i] = addLength("completions", a.text());
            for (int j = 0; j < i; j++) {
                int order = Integer.compare(a.rank(), completions.get(j).rank());
                if (order == 0) {
                    ties++;
                } else {
                    compare(order < 0 ? sizes[i] : sizes[j], order < 0 ? sizes[j] : sizes[i]);
                }
            }
        }
    }

    private void addOrder(PartialOrder order) {
        rankingSizes.merge(order.completions().size(), 1L, Long::sum);
        int[] sizes = order.completions().stream()
                .mapToInt(completion -> addLength("completions", completion.text()))
                .toArray();
        for (PartialOrder.Implied pair : order.closure()) {
            compare(sizes[pair.better()], sizes[pair.worse()]);
        }
    }

    private void compare(int better, int worse) {
        if (better != worse) {
            compared++;
            longer += better > worse ? 1 : 0;
        }
    }

    private int addLength(String field, Content content) {
        int length = length(content);
        lengths.computeIfAbsent(field, name -> new LengthHistogram()).add(length);
        return length;
    }

    private static int length(Content content) {
        if (content instanceof Content.Text text) {
            return text.text().codePointCount(0, text.text().length());
        }
        int sum = 0;
        if (content instanceof Content.Chat chat) {
            for (Message message : chat.messages()) {
                sum += message.content().codePointCount(0, message.content().length());
            }
        }
        return sum;
    }
}
