package org.rlhf4j.preference.rank;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.digest.RowKeys;
import org.rlhf4j.preference.format.BattleWinner;
import org.rlhf4j.preference.format.RowFormat;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.FileSummary;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.preference.read.RowScanner;

/**
 * Comparisons between models, from rows that name who wrote what: pairs with {@code chosen_model} and {@code
 * rejected_model}, rankings and partial orders whose completions have a {@code model}, and battles {@code {"model_a",
 * "model_b", "winner"}}, which need no texts.
 *
 * <p>A pair of probability p counts as p of a win and 1 - p of a loss, one of 0.5 as a tie. A winner of {@code tie},
 * {@code tie (bothbad)}, {@code both_bad} or {@code bothbad} is a tie. A partial order counts as every pair that follows.
 *
 * @param table the comparisons
 * @param files what was read
 * @param unnamed how many rows name fewer than two models, and are left out
 * @param same how many rows compare a model with itself, and are left out
 */
public record ModelComparisons(ComparisonTable table, List<FileSummary> files, long unnamed, long same) {
    private static final String BATTLES = "battles";

    /** What belongs together when comparisons are resampled. */
    public enum Clusters {
        /** The rows of one prompt; a battle, which has none, stands for itself. */
        PROMPT,
        /** The rows of one annotator, or a battle's {@code judge}; a row without one stands for itself. */
        ANNOTATOR,
        /** What one row says. */
        ROW
    }

    /** Copies the list. */
    public ModelComparisons {
        files = List.copyOf(files);
    }

    /**
     * Reads comparisons.
     *
     * @param sources the files
     * @param options how their rows are understood
     * @param clusters what belongs together
     * @return the comparisons
     * @throws DataFormatException if a file cannot be read, a row is invalid or holds no comparison, or nothing compares
     *     two different models
     */
    public static ModelComparisons read(List<DataSource> sources, ReadOptions options, Clusters clusters) {
        Reading reading = new Reading(clusters);
        for (DataSource source : sources) {
            reading.read(source, options);
        }
        if (reading.builder.size() == 0) {
            throw new DataFormatException(
                    sources.get(0).name(),
                    0,
                    "nothing compares two models: " + reading.unnamed + " rows name fewer than two (chosen_model and"
                            + " rejected_model of a pair, model of a completion, model_a and model_b of a battle), "
                            + reading.same + " one with itself");
        }
        return new ModelComparisons(reading.builder.build(), reading.files, reading.unnamed, reading.same);
    }

    /** All that one row says; nothing where it names too few models or one twice. */
    private record Named(List<Comparisons> said, @Nullable Object cluster, boolean same) {}

    private static final class Reading {
        private final Clusters clusters;
        private final ComparisonTable.Builder builder = new ComparisonTable.Builder();
        private final List<FileSummary> files = new ArrayList<>();
        private long unnamed;
        private long same;
        private long row;

        Reading(Clusters clusters) {
            this.clusters = clusters;
        }

        void read(DataSource source, ReadOptions options) {
            long[] rows = new long[1];
            boolean[] battles = new boolean[1];
            try (RowScanner scanner = RowScanner.open(source, options)) {
                if (scanner.isEmpty()) {
                    throw new DataFormatException(source.name(), 0, "holds no rows");
                }
                scanner.forEach(this::prepare, (scanned, named) -> {
                    rows[0] += scanned.count();
                    battles[0] |= isBattle(scanned);
                    if (named == null) {
                        // Neither a battle nor of a known format: says why.
                        throw Objects.requireNonNull(scanner.formatProblem());
                    }
                    named.forEach(this::add);
                });
                RowFormat format = scanner.format();
                boolean typed = format != null && !battles[0];
                files.add(new FileSummary(
                        source.name(),
                        scanner.container(),
                        format == null || battles[0] ? BATTLES : format.name(),
                        typed ? scanner.evidence() : "it has \"model_a\", \"model_b\" and \"winner\"",
                        rows[0]));
            }
        }

        private static boolean isBattle(RowScanner.Scanned scanned) {
            return !scanned.nodes().isEmpty() && isBattle(scanned.nodes().get(0));
        }

        private static boolean isBattle(ObjectNode node) {
            return node.hasNonNull("model_a") && node.hasNonNull("model_b") && node.has("winner");
        }

        private @Nullable List<Named> prepare(RowScanner.Scanned scanned) {
            List<Named> named = new ArrayList<>();
            if (isBattle(scanned)) {
                for (ObjectNode node : scanned.nodes()) {
                    named.add(battle(scanned, node));
                }
                return named;
            }
            List<Row> rows = scanned.require();
            if (rows.isEmpty() && scanned.parsed().problems().isEmpty()) {
                return null;
            }
            for (Row typed : rows) {
                named.add(named(scanned, typed));
            }
            return named;
        }

        private Named battle(RowScanner.Scanned scanned, ObjectNode node) {
            String a = text(scanned, node, "model_a");
            String b = text(scanned, node, "model_b");
            String winner = text(scanned, node, "winner");
            JsonNode judge = node.path("judge");
            Object cluster =
                    clusters == Clusters.ANNOTATOR && judge.isValueNode() && !judge.isNull() ? judge.asText() : null;
            BattleWinner known = BattleWinner.of(winner);
            if (known == null) {
                throw new DataFormatException(
                        scanned.file(),
                        scanned.line(),
                        "winner is " + Json.write(winner) + ", must be " + BattleWinner.WORDS);
            }
            List<List<String>> levels =
                    switch (known) {
                        case MODEL_A -> List.of(List.of(a), List.of(b));
                        case MODEL_B -> List.of(List.of(b), List.of(a));
                        case TIE -> List.of(List.of(a, b));
                    };
            return a.equals(b)
                    ? new Named(List.of(), cluster, true)
                    : new Named(List.of(new Comparisons(levels, 1)), cluster, false);
        }

        private static String text(RowScanner.Scanned scanned, ObjectNode node, String field) {
            JsonNode value = node.path(field);
            if (!value.isTextual() || value.textValue().isBlank()) {
                throw new DataFormatException(
                        scanned.file(),
                        scanned.line(),
                        "field \"" + field + "\" must be a string but is " + Json.describe(value));
            }
            return value.textValue();
        }

        private Named named(RowScanner.Scanned scanned, Row row) {
            List<@Nullable String> models = new ArrayList<>();
            Comparisons.completions(scanned, row).forEach(completion -> models.add(completion.model()));
            List<@Nullable String> known =
                    models.stream().filter(Objects::nonNull).toList();
            boolean twice = known.stream().distinct().count() < known.size();
            boolean usable = known.size() > 1 && !twice;
            return new Named(usable ? Comparisons.of(row, models) : List.of(), cluster(row), twice);
        }

        private @Nullable Object cluster(Row row) {
            return switch (clusters) {
                case PROMPT -> RowKeys.prompt(row);
                case ANNOTATOR -> row.origin().annotator();
                case ROW -> null;
            };
        }

        private void add(Named named) {
            row++;
            if (named.said.isEmpty()) {
                same += named.same ? 1 : 0;
                unnamed += named.same ? 0 : 1;
            }
            Object cluster = named.cluster == null ? Long.valueOf(row) : named.cluster;
            for (Comparisons said : named.said) {
                builder.addToCluster(said.levels(), said.weight(), cluster);
            }
        }
    }
}
