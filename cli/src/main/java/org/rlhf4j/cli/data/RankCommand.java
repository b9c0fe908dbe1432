package org.rlhf4j.cli.data;

import static org.rlhf4j.cli.data.Options.count;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.RowOutput;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.rank.CompletionScores;
import org.rlhf4j.preference.rank.Leaderboard;
import org.rlhf4j.preference.rank.ModelComparisons;
import org.rlhf4j.preference.rank.RankMethod;
import org.rlhf4j.preference.rank.StrengthEstimation;
import org.rlhf4j.preference.rank.Strengths;
import org.rlhf4j.preference.statistics.AgreementReport;
import org.rlhf4j.preference.statistics.DataAgreement;
import org.rlhf4j.preference.statistics.Share;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code rlhf data rank}: strengths of models, or scores of completions, from comparisons. */
@Command(
        name = "rank",
        description = {
            "Strengths by maximum likelihood with 95 %% intervals: a leaderboard of models, or scores for completions.",
            "Models are named by pairs (chosen_model, rejected_model), completions (model) and battles (model_a, model_b,"
                    + " winner: model_a, model_b, tie, tie (bothbad), both_bad or bothbad).",
            "Where items only won, only lost or were never compared there is no maximum; --prior gives it one."
        })
public final class RankCommand implements Callable<Integer> {
    /** What is ranked. */
    enum Of {
        /** Those who wrote completions. */
        MODELS,
        /** The completions of each prompt. */
        COMPLETIONS,
        /** Those who judged, by how often each says what most of the others say. */
        ANNOTATORS
    }

    private final Terminal terminal;

    @Parameters(arity = "1..*", paramLabel = "F", description = "Files to read together: " + Options.FILES)
    private List<String> files = List.of();

    @Mixin
    private Reading reading = new Reading();

    @Option(
            names = "--of",
            paramLabel = "WHAT",
            converter = OfConverter.class,
            description =
                    "What to rank: models (the default), completions of each prompt, which go to --out as rankings"
                            + " with scores, or annotators by how often each says what most of the others say.")
    private Of of = Of.MODELS;

    @Option(
            names = "--method",
            paramLabel = "METHOD",
            converter = MethodConverter.class,
            description = "bradley-terry (the default; ties are half-wins), davidson or rao-kupper (pairs with ties),"
                    + " plackett-luce (whole rankings, ties too).")
    private RankMethod method = RankMethod.BRADLEY_TERRY;

    @Option(
            names = "--prior",
            paramLabel = "X",
            description =
                    "So many wins and losses of each item against one of average strength, besides (default: 0 for"
                            + " models, 0.5 for completions).")
    private @Nullable Double prior;

    @Option(
            names = "--bootstrap",
            paramLabel = "N",
            description = "Intervals by N resamples instead of the observed information (default: ${DEFAULT-VALUE}).")
    private int bootstrap;

    @Option(
            names = "--cluster",
            paramLabel = "WHAT",
            converter = ClusterConverter.class,
            description =
                    "What a resample takes whole: the rows of a prompt (the default), of an annotator, or each row.")
    private ModelComparisons.Clusters cluster = ModelComparisons.Clusters.PROMPT;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the resamples (default: ${DEFAULT-VALUE}).")
    private long seed = 42;

    @Option(names = "--probabilities", description = "Also how likely each model is preferred to each other one.")
    private boolean probabilities;

    @Option(
            names = "--out",
            paramLabel = "F",
            description = "File for one JSON object a line: a model, or a ranking of a prompt; - is standard output.")
    private @Nullable String out;

    @Option(names = "--json", description = "End with one JSON object of all figures.")
    private boolean json;

    RankCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        if (bootstrap < 0 || (bootstrap > 0 && bootstrap < 100)) {
            throw new UsageException("--bootstrap is " + bootstrap + ", must be 0 or at least 100");
        }
        if (prior != null && !(prior >= 0 && prior < 1e6)) {
            throw new UsageException("--prior is " + prior + ", must be 0 or a positive number");
        }
        if (json && Options.DASH.equals(out)) {
            throw new UsageException("--json and --out - would both write to standard output; write to a file");
        }
        switch (of) {
            case MODELS -> models();
            case COMPLETIONS -> completions();
            case ANNOTATORS -> annotators();
        }
        return ExitCode.DONE;
    }

    private void completions() throws IOException {
        String target = out;
        if (target == null || bootstrap > 0 || probabilities) {
            throw new UsageException("--of completions needs --out and takes neither --bootstrap nor --probabilities");
        }
        StrengthEstimation estimation = new StrengthEstimation(method, prior == null ? 0.5 : prior, 0, seed);
        CompletionScores scores =
                CompletionScores.read(Options.sources(files, terminal), reading.options(), estimation);
        scores.files().forEach(file -> terminal.note("%s", Options.describe(file)));
        RowOutput.to(target, terminal, rows -> {
            for (Ranking ranking : scores.rankings()) {
                rows.row(ranking.toJson());
            }
        });
        if (target.equals(Options.DASH)) {
            return;
        }
        terminal.result(
                "%s: %s with scores by %s, prior %s",
                target, count(scores.rankings().size(), "ranking"), method.label(), estimation.prior());
        if (json) {
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("method", method.label());
            figures.put("prior", estimation.prior());
            figures.put("rankings", scores.rankings().size());
            terminal.json(figures);
        }
    }

    private void annotators() throws IOException {
        if (bootstrap > 0 || probabilities || prior != null) {
            throw new UsageException("--of annotators takes neither --bootstrap nor --probabilities nor --prior");
        }
        DataAgreement.Result result =
                new DataAgreement(false, 1, seed).run(Options.sources(files, terminal), reading.options());
        result.files().forEach(file -> terminal.note("%s", Options.describe(file)));
        List<AgreementReport.Annotator> annotators = result.report().annotators().stream()
                .sorted(Comparator.comparingDouble(
                                (AgreementReport.Annotator a) -> -a.consensus().value())
                        .thenComparing(AgreementReport.Annotator::name))
                .toList();
        if (annotators.isEmpty()) {
            throw new DataFormatException(
                    String.join(", ", files), 0, "nothing was judged by two annotators, so there is no consensus");
        }
        List<Map<String, Object>> rows =
                annotators.stream().map(AgreementReport.Annotator::figures).toList();
        if (!Options.DASH.equals(out)) {
            terminal.result("  like most of the others    95% interval  judged  annotator");
            for (AgreementReport.Annotator annotator : annotators) {
                Share share = annotator.consensus();
                terminal.result(
                        "  %22.3f  %6.3f %7.3f  %6d  %s",
                        share.value(), share.interval().get(0), share.interval().get(1), share.n(), annotator.name());
            }
        }
        if (out != null) {
            RowOutput.to(out, terminal, output -> {
                for (Map<String, Object> row : rows) {
                    output.row(row);
                }
            });
        }
        if (json) {
            terminal.json(Map.of("annotators", rows));
        }
    }

    private void models() throws IOException {
        ModelComparisons read = ModelComparisons.read(Options.sources(files, terminal), reading.options(), cluster);
        read.files().forEach(file -> terminal.note("%s", Options.describe(file)));
        if (read.unnamed() > 0) {
            terminal.note("left out %s that name fewer than two models", count(read.unnamed(), "row"));
        }
        if (read.same() > 0) {
            terminal.note("left out %s that name a model twice", count(read.same(), "row"));
        }
        Strengths strengths;
        try {
            strengths = new StrengthEstimation(method, prior == null ? 0 : prior, bootstrap, seed).of(read.table());
        } catch (DataFormatException e) {
            throw new DataFormatException(String.join(", ", files), 0, e.reason());
        }
        Leaderboard board = Leaderboard.of(strengths);
        if (!Options.DASH.equals(out)) {
            show(board, read);
        }
        if (out != null) {
            RowOutput.to(out, terminal, rows -> {
                for (Leaderboard.Row row : board.rows()) {
                    rows.row(Leaderboard.figures(row));
                }
            });
        }
        if (json) {
            Map<String, Object> figures = board.figures();
            figures.put("comparisons", read.table().size());
            figures.put("clusters", read.table().clusters());
            if (probabilities) {
                figures.put("win_probabilities", matrix(board));
            }
            terminal.json(figures);
        }
    }

    private void show(Leaderboard board, ModelComparisons read) {
        Strengths strengths = board.strengths();
        String intervals = strengths.resamples() == 0
                ? "intervals by the observed information"
                : "intervals by " + count(strengths.resamples(), "resample") + " of "
                        + count(read.table().clusters(), "cluster");
        terminal.result(
                "%s of %d models, %s",
                count(read.table().size(), "comparison"),
                board.rows().size(),
                method.label() + (prior == null || prior == 0 ? "" : ", prior " + prior) + ", " + intervals);
        if (strengths.failedResamples() > 0) {
            terminal.result(
                    "%s more left items that only won, only lost or were not compared",
                    count(strengths.failedResamples(), "resample"));
        }
        if (!read.table().ties().isEmpty()) {
            terminal.result("%s", ties(strengths, read));
        }
        terminal.result("rank     rating    95% interval    strength      se  compared  model");
        for (Leaderboard.Row row : board.rows()) {
            Strengths.Strength s = row.strength();
            String rank = row.bestRank() == row.worstRank()
                    ? String.valueOf(row.bestRank())
                    : row.bestRank() + "-" + row.worstRank();
            terminal.result(
                    "%-7s %7.1f  %7.1f %7.1f  %8.3f  %6.3f  %8d  %s",
                    rank,
                    row.rating(),
                    row.ratingLow(),
                    row.ratingHigh(),
                    s.logStrength(),
                    s.standardError(),
                    s.comparisons(),
                    s.item());
        }
        if (probabilities) {
            List<List<Double>> matrix = matrix(board);
            terminal.result("how likely a model (row) is preferred to another (column, in the same order)");
            for (int i = 0; i < matrix.size(); i++) {
                String cells = matrix.get(i).stream()
                        .map(p -> p == null ? "    -" : String.format(Locale.ROOT, "%5.2f", p))
                        .collect(Collectors.joining(" "));
                terminal.result("%s  %s", cells, board.rows().get(i).strength().item());
            }
        }
    }

    private String ties(Strengths strengths, ModelComparisons read) {
        String sizes = read.table().ties().entrySet().stream()
                .map(tie -> String.format(
                        Locale.ROOT,
                        tie.getValue() % 1 == 0 ? "%.0f of %d" : "%.2f of %d",
                        tie.getValue(),
                        tie.getKey()))
                .collect(Collectors.joining(", "));
        if (strengths.ties().isEmpty()) {
            return "ties: " + sizes + ", taken as half-wins";
        }
        String parameters = strengths.ties().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(tie -> String.format(Locale.ROOT, "%.4f", tie.getValue()))
                .collect(Collectors.joining(", "));
        return "ties: " + sizes + "; " + (method == RankMethod.RAO_KUPPER ? "theta " : "prevalence ") + parameters;
    }

    /** Null on the diagonal, in the order of the leaderboard. */
    private static List<List<@Nullable Double>> matrix(Leaderboard board) {
        Strengths strengths = board.strengths();
        List<Integer> order = board.rows().stream()
                .map(row -> strengths.items().indexOf(row.strength()))
                .toList();
        List<List<@Nullable Double>> matrix = new ArrayList<>();
        for (int i : order) {
            List<@Nullable Double> cells = new ArrayList<>();
            for (int j : order) {
                cells.add(i == j ? null : strengths.winProbability(i, j));
            }
            matrix.add(cells);
        }
        return matrix;
    }

    /** The value of {@code --method}. */
    static final class MethodConverter implements ITypeConverter<RankMethod> {
        @Override
        public RankMethod convert(String value) {
            try {
                return RankMethod.named(value);
            } catch (DataFormatException e) {
                throw new TypeConversionException(e.reason());
            }
        }
    }

    /** The value of {@code --of}. */
    static final class OfConverter implements ITypeConverter<Of> {
        @Override
        public Of convert(String value) {
            return Options.constant(Of.class, "thing to rank", value);
        }
    }

    /** The value of {@code --cluster}. */
    static final class ClusterConverter implements ITypeConverter<ModelComparisons.Clusters> {
        @Override
        public ModelComparisons.Clusters convert(String value) {
            return Options.constant(ModelComparisons.Clusters.class, "cluster", value);
        }
    }
}
