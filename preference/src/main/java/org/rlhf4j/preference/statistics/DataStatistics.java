package org.rlhf4j.preference.statistics;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Message;
import org.rlhf4j.preference.Demonstration;
import org.rlhf4j.preference.PartialOrder;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.RankedCompletion;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.StepwiseSupervision;
import org.rlhf4j.preference.UnpairedPreference;
import org.rlhf4j.preference.check.FieldTally;
import org.rlhf4j.preference.digest.Digest;
import org.rlhf4j.preference.digest.DigestSort;
import org.rlhf4j.preference.digest.RowKeys;
import org.rlhf4j.preference.format.RowFormat;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.FileSummary;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.preference.read.RowScanner;

/** Reads files once each and sums them up, in bounded memory. */
public final class DataStatistics {
    private static final int PAIR_BITS = 31;
    private static final int RESAMPLES = 200;
    private static final long SEED = 42;

    private final @Nullable ToIntFunction<String> tokenizer;
    private final Map<String, LengthHistogram> lengths = new LinkedHashMap<>();
    private final Map<String, LengthHistogram> tokens = new LinkedHashMap<>();
    private final TreeMap<Integer, Long> rankingSizes = new TreeMap<>();
    private final FieldTally sources = new FieldTally();
    private final FieldTally models = new FieldTally();
    private final long[] ofRow = new long[2];
    private long compared;
    private long longer;
    private long ties;
    private double weight;
    private long judged;
    private long positive;

    private DataStatistics(@Nullable ToIntFunction<String> tokenizer) {
        this.tokenizer = tokenizer;
    }

    /**
     * Several files.
     *
     * @param files the figures of each, in the order given
     * @param overlaps the prompts that two of them share, of every two that share any
     */
    public record Files(List<StatisticsReport> files, List<Overlap> overlaps) {
        /** Copies the lists. */
        public Files {
            files = List.copyOf(files);
            overlaps = List.copyOf(overlaps);
        }

        /** The figures as {@code rlhf data stats --json} prints them: of a single file its own. */
        public Map<String, Object> figures() {
            if (files.size() == 1) {
                return files.get(0).figures();
            }
            Map<String, Object> figures = new LinkedHashMap<>();
            List<Map<String, Object>> each = new ArrayList<>();
            for (StatisticsReport file : files) {
                Map<String, Object> item = new LinkedHashMap<>();
                item.put("file", file.file().file());
                item.putAll(file.figures());
                each.add(item);
            }
            figures.put("files", each);
            figures.put("prompt_overlap", overlaps);
            return figures;
        }
    }

    /**
     * What two files have in common.
     *
     * @param a the one
     * @param b the other
     * @param prompts how many different prompts stand in both
     */
    public record Overlap(String a, String b, long prompts) {}

    /**
     * Sums up a file.
     *
     * @param source the file
     * @param options how its rows are understood
     * @return the figures
     * @throws DataFormatException if it cannot be read, its format cannot be told, or it holds no rows
     */
    public static StatisticsReport of(DataSource source, ReadOptions options) {
        return of(List.of(source), options, null).files().get(0);
    }

    /**
     * Sums up files and what they share.
     *
     * @param sources the files
     * @param options how their rows are understood
     * @param tokenizer how many tokens a text has; null to count characters alone. Called by several threads.
     * @return the figures
     * @throws DataFormatException if one cannot be read, its format cannot be told, or it holds no rows
     */
    public static Files of(List<DataSource> sources, ReadOptions options, @Nullable ToIntFunction<String> tokenizer) {
        List<StatisticsReport> files = new ArrayList<>();
        try (DigestSort shared = new DigestSort()) {
            for (DataSource source : sources) {
                int index = files.size();
                DigestSort prompts = sources.size() > 1 ? shared : null;
                files.add(new DataStatistics(tokenizer).read(source, options, prompts, index));
            }
            return new Files(files, overlaps(sources, shared));
        }
    }

    private static List<Overlap> overlaps(List<DataSource> sources, DigestSort shared) {
        Map<List<Integer>, Long> counts = new LinkedHashMap<>();
        BitSet here = new BitSet();
        shared.forEach((first, digest, file) -> {
            if (first) {
                count(here, counts);
                here.clear();
            }
            here.set((int) file);
        });
        count(here, counts);
        List<Overlap> overlaps = new ArrayList<>();
        for (int a = 0; a < sources.size(); a++) {
            for (int b = a + 1; b < sources.size(); b++) {
                Long prompts = counts.get(List.of(a, b));
                if (prompts != null) {
                    overlaps.add(
                            new Overlap(sources.get(a).name(), sources.get(b).name(), prompts));
                }
            }
        }
        return overlaps;
    }

    private static void count(BitSet files, Map<List<Integer>, Long> counts) {
        for (int a = files.nextSetBit(0); a >= 0; a = files.nextSetBit(a + 1)) {
            for (int b = files.nextSetBit(a + 1); b >= 0; b = files.nextSetBit(b + 1)) {
                counts.merge(List.of(a, b), 1L, Long::sum);
            }
        }
    }

    /** What is known of a row for itself, which any thread may find out. */
    private record Prepared(Row row, Digest prompt, Lengths lengths, List<Judgement> judgements) {}

    private Prepared prepare(Row row) {
        List<Judgement> judgements = row.origin().annotator() == null ? List.of() : Judgement.of(row);
        return new Prepared(row, RowKeys.prompt(row), Lengths.of(row, tokenizer), judgements);
    }

    private StatisticsReport read(DataSource source, ReadOptions options, @Nullable DigestSort shared, int index) {
        long[] rows = new long[2];
        try (RowScanner scanner = RowScanner.open(source, options);
                DigestSort prompts = new DigestSort();
                AgreementMeter agreement = new AgreementMeter(false)) {
            RowFormat format = scanner.requireFormat();
            scanner.forEach(
                    scanned ->
                            scanned.parsed().rows().stream().map(this::prepare).toList(),
                    (scanned, prepared) -> {
                        rows[0] += scanned.count();
                        rows[1] += scanned.parsed().isRefused() ? scanned.count() : 0;
                        for (Prepared row : prepared) {
                            ofRow[0] = 0;
                            ofRow[1] = 0;
                            add(row);
                            prompts.add(row.prompt, ofRow[0] << PAIR_BITS | ofRow[1]);
                            if (shared != null) {
                                shared.add(row.prompt, index);
                            }
                            if (!row.judgements.isEmpty()) {
                                agreement.add(row.row, row.judgements);
                            }
                        }
                    });
            FileSummary file =
                    new FileSummary(source.name(), scanner.container(), format.name(), scanner.evidence(), rows[0]);
            AgreementReport agreed = agreement.judged() == 0 ? null : agreement.report(RESAMPLES, SEED);
            return report(file, format.kind(), rows[1], new Clusters(prompts, compared, longer), agreed);
        }
    }

    /** How many prompts there are, how many of them compare lengths, and how much the comparisons of one say the same. */
    private static final class Clusters {
        private long prompts;
        private long comparing;
        private double squares;
        private long pairs;
        private long longer;

        Clusters(DigestSort sort, long compared, long allLonger) {
            double share = compared == 0 ? 0 : (double) allLonger / compared;
            sort.forEach((first, digest, value) -> {
                if (first) {
                    finish(share);
                    prompts++;
                }
                pairs += value >>> PAIR_BITS;
                longer += value & ((1L << PAIR_BITS) - 1);
            });
            finish(share);
        }

        private void finish(double share) {
            double rest = longer - share * pairs;
            squares += rest * rest;
            comparing += pairs > 0 ? 1 : 0;
            pairs = 0;
            longer = 0;
        }
    }

    private StatisticsReport report(
            FileSummary file, Row.Kind kind, long invalid, Clusters clusters, @Nullable AgreementReport agreement) {
        // Var p = sum over prompts of (longer - p n)^2 / N^2 (Cochran 1977, section 9A.4); p (1 - p) / Var p is the
        // number of as many independent pairs, which chance may make more than there are.
        double n = (double) compared;
        double share = compared == 0 ? 0 : longer / n;
        double effective = clusters.squares == 0
                ? Math.min(n, (double) clusters.comparing)
                : Math.min(n, share * (1 - share) * n * n / clusters.squares);
        boolean comparing = kind == Row.Kind.PAIR || kind == Row.Kind.RANKING || kind == Row.Kind.PARTIAL_ORDER;
        return new StatisticsReport(
                file,
                kind,
                invalid,
                clusters.prompts,
                summaries(lengths),
                summaries(tokens),
                comparing ? new StatisticsReport.LongerChosen(new Share(compared, longer), effective) : null,
                ties,
                rankingSizes,
                weight,
                judged == 0 ? null : new Share(judged, positive),
                sources.rows(),
                models.rows(),
                agreement);
    }

    private static Map<String, StatisticsReport.Lengths> summaries(Map<String, LengthHistogram> histograms) {
        Map<String, StatisticsReport.Lengths> summaries = new LinkedHashMap<>();
        histograms.forEach((field, histogram) -> summaries.put(field, histogram.summary()));
        return summaries;
    }

    private void add(Prepared prepared) {
        Row row = prepared.row;
        String source = row.origin().source();
        sources.add(source == null ? List.of() : List.of(source));
        for (Lengths.Field field : prepared.lengths.fields()) {
            histogram(lengths, field.name()).add(field.characters());
            if (field.tokens() >= 0) {
                histogram(tokens, field.name()).add(field.tokens());
            }
            if (field.model() != null) {
                models.add(List.of(field.model()));
            }
        }
        int[] sizes = prepared.lengths.completions();
        if (row instanceof PreferencePair pair) {
            weight += pair.weight();
            Double probability = pair.probability();
            if (pair.isTie()) {
                ties++;
            } else {
                boolean asWritten = probability == null || probability > 0.5;
                compare(sizes[asWritten ? 0 : 1], sizes[asWritten ? 1 : 0]);
            }
        } else if (row instanceof Ranking ranking) {
            addRanking(ranking.completions(), sizes);
        } else if (row instanceof PartialOrder order) {
            rankingSizes.merge(sizes.length, 1L, Long::sum);
            for (PartialOrder.Implied pair : order.closure()) {
                compare(sizes[pair.better()], sizes[pair.worse()]);
            }
        } else if (row instanceof UnpairedPreference unpaired) {
            judged++;
            positive += unpaired.label() ? 1 : 0;
        } else if (row instanceof StepwiseSupervision steps) {
            judged += steps.labels().size();
            positive += steps.labels().stream().filter(Boolean::booleanValue).count();
        }
    }

    private void addRanking(List<RankedCompletion> completions, int[] sizes) {
        rankingSizes.merge(completions.size(), 1L, Long::sum);
        for (int i = 0; i < sizes.length; i++) {
            for (int j = 0; j < i; j++) {
                int order = Integer.compare(
                        completions.get(i).rank(), completions.get(j).rank());
                if (order == 0) {
                    ties++;
                } else {
                    compare(order < 0 ? sizes[i] : sizes[j], order < 0 ? sizes[j] : sizes[i]);
                }
            }
        }
    }

    private void compare(int better, int worse) {
        if (better != worse) {
            compared++;
            longer += better > worse ? 1 : 0;
            ofRow[0]++;
            ofRow[1] += better > worse ? 1 : 0;
        }
    }

    private static LengthHistogram histogram(Map<String, LengthHistogram> histograms, String field) {
        return histograms.computeIfAbsent(field, name -> new LengthHistogram());
    }

    /** How long the texts of a row are: those of its completions also by themselves, in the order of the data. */
    private record Lengths(List<Field> fields) {
        /** A text; -1 tokens where they are not counted. */
        private record Field(
                String name,
                int characters,
                int tokens,
                @Nullable String model) {}

        static Lengths of(Row row, @Nullable ToIntFunction<String> tokenizer) {
            List<Field> fields = new ArrayList<>();
            Content prompt = row.prompt();
            if (prompt != null) {
                fields.add(field("prompt", prompt, null, tokenizer));
            }
            if (row instanceof PreferencePair pair) {
                fields.add(field("chosen", pair.chosen(), pair.chosenModel(), tokenizer));
                fields.add(field("rejected", pair.rejected(), pair.rejectedModel(), tokenizer));
            } else if (row instanceof Ranking ranking) {
                ranking.completions().forEach(c -> fields.add(field("completions", c.text(), c.model(), tokenizer)));
            } else if (row instanceof PartialOrder order) {
                order.completions().forEach(c -> fields.add(field("completions", c.text(), c.model(), tokenizer)));
            } else if (row instanceof Demonstration demonstration) {
                String name = prompt == null ? "text" : "completion";
                fields.add(field(name, demonstration.completion(), null, tokenizer));
            } else if (row instanceof UnpairedPreference unpaired) {
                fields.add(field("completion", unpaired.completion(), null, tokenizer));
            } else if (row instanceof StepwiseSupervision steps) {
                steps.completions().forEach(step -> fields.add(field("steps", Content.of(step), null, tokenizer)));
            }
            return new Lengths(fields);
        }

        int[] completions() {
            return fields.stream()
                    .filter(field -> !field.name.equals("prompt"))
                    .mapToInt(Field::characters)
                    .toArray();
        }

        private static Field field(
                String name, Content content, @Nullable String model, @Nullable ToIntFunction<String> tokenizer) {
            int counted = tokenizer == null ? -1 : total(content, tokenizer);
            return new Field(name, total(content, text -> text.codePointCount(0, text.length())), counted, model);
        }

        private static int total(Content content, ToIntFunction<String> size) {
            if (content instanceof Content.Chat chat) {
                return chat.messages().stream()
                        .map(Message::content)
                        .mapToInt(size)
                        .sum();
            }
            return size.applyAsInt(((Content.Text) content).text());
        }
    }
}
