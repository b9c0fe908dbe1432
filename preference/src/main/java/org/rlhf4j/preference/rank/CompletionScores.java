package org.rlhf4j.preference.rank;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.RankedCompletion;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.format.RowFormat;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.FileSummary;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.preference.read.RowScanner;

/**
 * Scores for the completions of each prompt, from every row that compares them: all judgements of a prompt become one
 * ranking whose scores are log strengths, with the mean 0.
 *
 * <p>The texts are kept in memory until the end; at most a quarter of the heap, beyond which it is refused.
 *
 * @param rankings one for each prompt, in the order in which prompts first came
 * @param files what was read
 */
public record CompletionScores(List<Ranking> rankings, List<FileSummary> files) {
    /** Scores nearer to each other than this are one: what Newton's method leaves open. */
    private static final double EQUAL = 1e-8;

    /** What is kept of a prompt besides its text, in bytes: as measured, rounded up; likewise below. */
    private static final long BYTES_OF_PROMPT = 1024;

    private static final long BYTES_OF_COMPLETION = 320;
    private static final long BYTES_OF_COMPARISON = 16;
    private static final long BYTES_OF_OUTCOME = 256;
    private static final long BYTES_OF_PLACE = 24;

    /** Copies the lists. */
    public CompletionScores {
        rankings = List.copyOf(rankings);
        files = List.copyOf(files);
    }

    /**
     * Reads comparisons and scores.
     *
     * @param sources the files
     * @param options how their rows are understood
     * @param estimation how strengths are found; its resamples are not used
     * @return the scores
     * @throws DataFormatException if a file cannot be read, a row is invalid or holds no comparison, the texts are more
     *     than fit, or the strengths of a prompt's completions are not defined
     */
    public static CompletionScores read(List<DataSource> sources, ReadOptions options, StrengthEstimation estimation) {
        Reading reading = new Reading();
        for (DataSource source : sources) {
            reading.read(source, options);
        }
        StrengthEstimation plain = new StrengthEstimation(estimation.method(), estimation.prior(), 0, 0);
        List<Ranking> rankings = new ArrayList<>();
        for (Iterator<Group> groups = reading.groups.values().iterator(); groups.hasNext(); ) {
            rankings.add(groups.next().ranking(plain));
            groups.remove();
        }
        return new CompletionScores(rankings, reading.files);
    }

    /** The completions of one prompt. */
    private static final class Group {
        private final Content prompt;
        private final String file;
        private final long line;
        private final Map<Content, Integer> texts = new LinkedHashMap<>();
        private final List<@Nullable String> models = new ArrayList<>();
        private final ComparisonTable.Builder builder = new ComparisonTable.Builder();

        Group(Content prompt, String file, long line) {
            this.prompt = prompt;
            this.file = file;
            this.line = line;
        }

        /** Returns how many bytes it keeps that it did not before, about. */
        long add(RowScanner.Scanned place, Row row) {
            long more = 0;
            List<@Nullable String> names = new ArrayList<>();
            for (Comparisons.Completion completion : Comparisons.completions(place, row)) {
                Integer index = texts.get(completion.text());
                if (index == null) {
                    index = texts.size();
                    texts.put(completion.text(), index);
                    models.add(completion.model());
                    more += BYTES_OF_COMPLETION + bytes(completion.text());
                } else if (models.get(index) == null) {
                    models.set(index, completion.model());
                }
                names.add(String.valueOf(index));
            }
            for (Comparisons said : Comparisons.of(row, names)) {
                int different = builder.outcomes();
                builder.add(said.levels(), said.weight());
                more += BYTES_OF_COMPARISON;
                if (builder.outcomes() > different) {
                    more += BYTES_OF_OUTCOME + names.size() * BYTES_OF_PLACE;
                }
            }
            return more;
        }

        Ranking ranking(StrengthEstimation estimation) {
            if (texts.size() > Ranking.MAX_COMPLETIONS) {
                throw new DataFormatException(
                        file,
                        line,
                        "the prompt has " + texts.size() + " completions, more than the " + Ranking.MAX_COMPLETIONS
                                + " of a ranking");
            }
            Strengths strengths;
            try {
                strengths = estimation.ofCompletions(builder.build());
            } catch (DataFormatException e) {
                throw new DataFormatException(file, line, "completions of this prompt: " + e.reason());
            }
            double[] scores = new double[texts.size()];
            for (Strengths.Strength strength : strengths.items()) {
                scores[Integer.parseInt(strength.item())] = Math.rint(strength.logStrength() / EQUAL) * EQUAL;
            }
            TreeSet<Double> order = new TreeSet<>();
            for (double score : scores) {
                order.add(score + 0.0);
            }
            List<RankedCompletion> completions = new ArrayList<>();
            for (Content text : texts.keySet()) {
                int index = completions.size();
                double score = scores[index] + 0.0;
                int rank = order.tailSet(score, false).size() + 1;
                completions.add(new RankedCompletion(text, rank, score, models.get(index)));
            }
            return new Ranking(prompt, completions, Origin.NONE);
        }
    }

    private static final class Reading {
        private final Map<Content, Group> groups = new LinkedHashMap<>();
        private final List<FileSummary> files = new ArrayList<>();
        private final long mostBytes = Runtime.getRuntime().maxMemory() / 2;
        private long bytes;

        void read(DataSource source, ReadOptions options) {
            long rows = 0;
            try (RowScanner scanner = RowScanner.open(source, options)) {
                RowFormat format = scanner.requireFormat();
                for (RowScanner.Scanned scanned = scanner.next(); scanned != null; scanned = scanner.next()) {
                    rows += scanned.count();
                    for (Row row : scanned.require()) {
                        add(scanned, row);
                    }
                }
                files.add(new FileSummary(source.name(), scanner.container(), format.name(), scanner.evidence(), rows));
            }
        }

        private void add(RowScanner.Scanned scanned, Row row) {
            Content prompt = Objects.requireNonNull(row.prompt());
            Group group = groups.get(prompt);
            if (group == null) {
                group = new Group(prompt, scanned.file(), scanned.line());
                groups.put(prompt, group);
                bytes += BYTES_OF_PROMPT + bytes(prompt);
            }
            bytes += group.add(scanned, row);
            if (bytes > mostBytes) {
                throw new DataFormatException(
                        scanned.file(),
                        scanned.line(),
                        "the completions up to here take half of the heap; give Java more (-Xmx) or rank fewer prompts"
                                + " at a time");
            }
        }
    }

    private static long bytes(Content content) {
        if (content instanceof Content.Chat chat) {
            return chat.messages().stream()
                    .mapToLong(message -> BYTES_OF_PLACE + bytes(message.content()))
                    .sum();
        }
        return bytes(((Content.Text) content).text());
    }

    private static long bytes(String text) {
        return 2L * text.length();
    }
}
