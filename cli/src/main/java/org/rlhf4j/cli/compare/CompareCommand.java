package org.rlhf4j.cli.compare;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Json;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Models;
import org.rlhf4j.cli.console.Plugins;
import org.rlhf4j.cli.console.RowOutput;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.cli.scorer.NamedScorer;
import org.rlhf4j.cli.train.ComputeOptions;
import org.rlhf4j.cli.train.EncodingOptions;
import org.rlhf4j.cli.train.PromptRows;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.compare.BestOfN;
import org.rlhf4j.lm.compare.Estimate;
import org.rlhf4j.lm.compare.PolicyComparison;
import org.rlhf4j.lm.compare.ScoredSamples;
import org.rlhf4j.lm.generate.GeneratedCompletion;
import org.rlhf4j.lm.generate.GenerationConfig;
import org.rlhf4j.lm.generate.Sampling;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rlhf compare}: which of two policies a scorer likes better, by how much, and how far apart they are. */
@Command(
        name = "compare",
        description = {
            "Let two language models answer the same prompts and score what they write.",
            "Prints mean score and length of both and, with 95 % intervals over prompts, gain and win rate of b (equal"
                    + " scores count half) and KL(b || a), how far b has moved from a, in nats a sequence."
        })
public final class CompareCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(
            names = "--a",
            required = true,
            paramLabel = Models.LABEL,
            description = "The policy to beat: a directory, or org/name on the Hugging Face Hub.")
    private Path modelA = Path.of("");

    @Option(
            names = "--b",
            required = true,
            paramLabel = Models.LABEL,
            description = "The policy held against it, named in the same way.")
    private Path modelB = Path.of("");

    @Option(
            names = "--prompts",
            required = true,
            paramLabel = "FILE",
            description = "Rows with a \"prompt\", in any known format; each prompt counts once.")
    private Path prompts = Path.of("");

    @Option(
            names = "--scorer",
            required = true,
            paramLabel = Models.LABEL + "|CLASS",
            description = "What judges: a reward model, or a Java class that implements CompletionScorer.")
    private String scorer = "";

    @Mixin
    private Plugins plugins = new Plugins();

    @Option(
            names = "--samples",
            paramLabel = "N",
            defaultValue = "4",
            description = "Completions a prompt (default: ${DEFAULT-VALUE}).")
    private int samples = 4;

    @Option(
            names = "--best-of",
            paramLabel = "N",
            description = "Also judge a baseline: of N samples of a, the one that --select likes best.")
    private @Nullable Integer bestOf;

    @Option(
            names = "--select",
            paramLabel = Models.LABEL + "|CLASS",
            description = "What --best-of chooses by; the scorer itself when absent, which flatters the baseline.")
    private @Nullable String select;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "1",
            description = "Of the samples; 0 is greedy (default: ${DEFAULT-VALUE}).")
    private double temperature = 1;

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            defaultValue = "256",
            description = "Longest completion (default: ${DEFAULT-VALUE}).")
    private int maxNewTokens = GenerationConfig.MAX_NEW_TOKENS;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of the samples (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Writes every sample with its policy and score as JSON Lines.")
    private @Nullable String out;

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Mixin
    private EncodingOptions encoding = new EncodingOptions();

    @Option(names = "--json", description = "Print the figures as one JSON object, on the last line.")
    private boolean json;

    private @Nullable Result result;

    /**
     * What a comparison gave.
     *
     * @param a what a wrote
     * @param b what b wrote
     * @param comparison of the two policies
     * @param bestOf the baseline, or null where none was asked for
     */
    public record Result(
            PolicySamples a,
            PolicySamples b,
            PolicyComparison comparison,
            @Nullable BestOfN bestOf) {}

    CompareCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** What the last call gave. */
    public Result result() {
        if (result == null) {
            throw new IllegalStateException("nothing was compared yet");
        }
        return result;
    }

    @Override
    public Integer call() throws IOException {
        requireSense();
        List<Content> asked = PromptRows.distinct(prompts);
        Models models = new Models(terminal);
        try (NamedScorer judge = NamedScorer.open("--scorer", scorer, plugins, models);
                @Nullable
                        NamedScorer selector =
                                select == null ? null : NamedScorer.open("--select", select, plugins, models);
                LanguageModel a = LanguageModel.open(
                        models.directory(modelA), encoding.chosen()::apply, compute.precision(terminal));
                LanguageModel b = LanguageModel.open(
                        models.directory(modelB), encoding.chosen()::apply, compute.precision(terminal))) {
            requireOneTokenizer(a, b);
            judge.requireScores(asked);
            if (selector != null) {
                selector.requireScores(asked);
            }
            Side ofA = side("a", a, asked, samples, judge);
            Side ofB = side("b", b, asked, samples, judge);
            PolicyComparison comparison = PolicyComparison.of(ofA.judged, ofB.judged, logRatios(ofB.samples, a, b));
            @Nullable BestOfN baseline = bestOf == null ? null : bestOf(a, asked, bestOf, judge, selector);
            result = new Result(ofA.samples, ofB.samples, comparison, baseline);
            if (out != null) {
                RowOutput.to(out, terminal, output -> {
                    ofA.write(output);
                    ofB.write(output);
                });
            }
        }
        report(result);
        return ExitCode.DONE;
    }

    private void requireSense() {
        if (samples < 1) {
            throw new UsageException("--samples " + samples + ": at least 1");
        }
        if (bestOf != null && bestOf < 2) {
            throw new UsageException("--best-of " + bestOf + ": at least 2, to choose from");
        }
        encoding.refuseDrop();
        try {
            Sampling.atTemperature(temperature);
            GenerationConfig.endingAt(Set.of()).withMaxNewTokens(maxNewTokens);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
        if (select != null && bestOf == null) {
            throw new UsageException("--select says what --best-of chooses by: add --best-of N");
        }
        if (json && out != null && RowOutput.isStandard(out)) {
            throw new UsageException("--json and --out - both write to standard output: name a file");
        }
    }

    /** The divergence is one of distributions over the same tokens. */
    private void requireOneTokenizer(LanguageModel a, LanguageModel b) {
        if (!a.tokenizer().sha256().equals(b.tokenizer().sha256())) {
            throw new UsageException(
                    modelA + " and " + modelB + " have different tokenizers: KL(b || a) has no meaning");
        }
    }

    /** The samples of one policy, and how they are judged. */
    private record Side(String name, PolicySamples samples, ScoredSamples judged) {
        void write(RowOutput output) throws IOException {
            for (int prompt = 0; prompt < samples.prompts().size(); prompt++) {
                List<GeneratedCompletion> row = samples.completions().get(prompt);
                for (int i = 0; i < row.size(); i++) {
                    var line = Json.object();
                    line.put("policy", name);
                    line.set("prompt", samples.prompts().get(prompt).toJson());
                    line.put("completion", row.get(i).text());
                    line.put("score", judged.scores()[prompt][i]);
                    line.put("tokens", judged.tokens()[prompt][i]);
                    line.put("finish", row.get(i).finish().label());
                    output.row(line);
                }
            }
        }
    }

    private Side side(String name, LanguageModel model, List<Content> asked, int count, NamedScorer judge) {
        PolicySamples drawn = PolicySamples.draw(model, asked, count, config(model));
        return new Side(name, drawn, drawn.judged(drawn.scores(judge)));
    }

    private GenerationConfig config(LanguageModel model) {
        return model.generationDefaults()
                .config()
                .withMaxNewTokens(maxNewTokens)
                .withSampling(Sampling.atTemperature(temperature))
                .withSeed(seed);
    }

    /** Both under the distribution at the temperature of the samples; of greedy samples they are not shown. */
    private double[][] logRatios(PolicySamples ofB, LanguageModel a, LanguageModel b) {
        double at = temperature == 0 ? 1 : temperature;
        double[][] ratios = ofB.logProbs(b, at, maxNewTokens);
        double[][] base = ofB.logProbs(a, at, maxNewTokens);
        for (int prompt = 0; prompt < ratios.length; prompt++) {
            for (int i = 0; i < ratios[prompt].length; i++) {
                ratios[prompt][i] -= base[prompt][i];
            }
        }
        return ratios;
    }

    private BestOfN bestOf(
            LanguageModel a, List<Content> asked, int n, NamedScorer judge, @Nullable NamedScorer selector) {
        Side many = side("a", a, asked, n, judge);
        return BestOfN.of(many.judged, selector == null ? many.judged.scores() : many.samples.scores(selector));
    }

    private void report(Result figures) {
        PolicyComparison comparison = figures.comparison;
        ScoredSamples a = comparison.a();
        ScoredSamples b = comparison.b();
        terminal.result("%,d prompts, %d samples each", a.prompts(), a.samples());
        terminal.result("%-28s %10s %10s", "", "a", "b");
        terminal.result(
                "%-28s %10.4f %10.4f",
                "mean score", a.meanScore().value(), b.meanScore().value());
        terminal.result("%-28s %10.4f %10.4f", "standard deviation", a.scoreDeviation(), b.scoreDeviation());
        terminal.result("%-28s %10.1f %10.1f", "mean tokens", a.meanTokens(), b.meanTokens());
        terminal.result(
                "%-28s %9.1f%% %9.1f%%", "ended by themselves", 100 * a.finishedShare(), 100 * b.finishedShare());
        terminal.result("%-28s %s", "gain of b", interval(comparison.gain(), 1));
        terminal.result("%-28s %s %%", "win rate of b", interval(comparison.winRate(), 100));
        if (temperature > 0) {
            terminal.result("%-28s %s nats a sequence", "KL(b || a)", interval(comparison.kl(), 1));
        } else {
            terminal.result("%-28s needs samples: a --temperature above 0", "KL(b || a)");
        }
        BestOfN baseline = figures.bestOf;
        if (baseline != null) {
            terminal.result(
                    "%-28s %s, KL at most %.4f nats",
                    "best of " + baseline.n() + " of a", interval(baseline.score(), 1), baseline.klBound());
        }
        if (json) {
            terminal.json(values(figures));
        }
    }

    private static String interval(Estimate estimate, double unit) {
        return String.format(
                Locale.ROOT,
                "%.4f (95 %% interval %.4f to %.4f)",
                unit * estimate.value(),
                unit * estimate.low(),
                unit * estimate.high());
    }

    private Map<String, Object> values(Result figures) {
        PolicyComparison comparison = figures.comparison;
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("prompts", comparison.a().prompts());
        values.put("samples", comparison.a().samples());
        values.put("a", values(comparison.a()));
        values.put("b", values(comparison.b()));
        put(values, "gain", comparison.gain());
        put(values, "win_rate", comparison.winRate());
        if (temperature > 0) {
            put(values, "kl", comparison.kl());
        }
        BestOfN baseline = figures.bestOf;
        if (baseline != null) {
            Map<String, Object> best = new LinkedHashMap<>();
            best.put("n", baseline.n());
            put(best, "mean_score", baseline.score());
            best.put("kl_bound", baseline.klBound());
            values.put("best_of", best);
        }
        return values;
    }

    private static Map<String, Object> values(ScoredSamples samples) {
        Map<String, Object> values = new LinkedHashMap<>();
        put(values, "mean_score", samples.meanScore());
        if (samples.prompts() * samples.samples() > 1) {
            values.put("score_deviation", samples.scoreDeviation());
        }
        values.put("mean_tokens", samples.meanTokens());
        values.put("finished", samples.finishedShare());
        return values;
    }

    /** The interval of a single prompt is unbounded, which JSON cannot say: it is left out. */
    private static void put(Map<String, Object> values, String name, Estimate estimate) {
        values.put(name, estimate.value());
        if (Double.isFinite(estimate.low())) {
            values.put(name + "_ci95", List.of(estimate.low(), estimate.high()));
        }
    }
}
