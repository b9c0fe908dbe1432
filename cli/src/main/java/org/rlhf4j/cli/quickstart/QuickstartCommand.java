package org.rlhf4j.cli.quickstart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.base.JsonLines;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.RowOutput;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.cli.world.BagOfTokens;
import org.rlhf4j.cli.world.TextWorld;
import org.rlhf4j.cli.world.WorldData;
import org.rlhf4j.lm.data.ComparisonSet;
import org.rlhf4j.preference.PairStrategy;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.Preferences;
import org.rlhf4j.preference.RankedCompletion;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Rows;
import org.rlhf4j.preference.TiePolicy;
import org.rlhf4j.reward.RewardEvaluation;
import org.rlhf4j.reward.RewardEvaluator;
import org.rlhf4j.reward.RewardModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rlhf quickstart}: rankings to pairs to a reward model to scores, and how good it all is. */
@Command(
        name = "quickstart",
        description = {
            "Run the whole pipeline on bundled data: rankings -> pairs -> reward model -> scores.",
            "Every step is a command that it prints before it runs it; the last thing it prints is a table that holds"
                    + " the model against the known true reward of the bundled text world."
        })
public final class QuickstartCommand implements Callable<Integer> {
    private static final String CONFIG = "reward-train.yaml";
    private static final int EXAMPLES = 4;

    private final Terminal terminal;
    private final Map<String, Double> seconds = new LinkedHashMap<>();

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "New directory for everything it makes; a fresh one below runs/ when absent.")
    private @Nullable Path out;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(names = "--json", description = "Print the figures as one JSON object, on the last line.")
    private boolean json;

    /** Made with the terminal that every step writes to. */
    QuickstartCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        Path directory = prepare();
        String rankings = directory.resolve(WorldData.TRAIN).toString();
        String test = directory.resolve(WorldData.TEST).toString();
        String pairs = directory.resolve("train-pairs.jsonl").toString();
        String start = directory.resolve("start").toString();
        String run = directory.resolve("reward").toString();
        String model = run + "/model";
        String scored = directory.resolve("scored.jsonl").toString();

        step("convert", "data", "convert", "--in", rankings, "--out", pairs, "--pairs", "all");
        step(
                "create",
                "model",
                "create",
                "--preset",
                "tiny",
                "--tokenizer",
                directory.resolve("tokenizer.json").toString(),
                "--seed",
                Long.toString(seed),
                "--out",
                start);
        step(
                "reward",
                "reward",
                "train",
                "--model",
                start,
                "--data",
                pairs,
                "--eval-data",
                test,
                "--config",
                directory.resolve(CONFIG).toString(),
                "--seed",
                Long.toString(seed),
                "--out",
                run);
        String toScore = writeHeldOut(directory, Path.of(test));
        step("score", "score", "--model", model, "--in", toScore, "--out", scored);

        report(Path.of(rankings), Path.of(test), Path.of(model), Path.of(scored));
        return ExitCode.DONE;
    }

    /** Copies the bundled files, so that every command below can be repeated and changed by hand. */
    private Path prepare() throws IOException {
        Path directory = out == null ? fresh(Path.of("runs")) : out;
        if (Files.isDirectory(directory)) {
            try (var entries = Files.list(directory)) {
                if (entries.findAny().isPresent()) {
                    throw new UsageException(directory + " is not empty: name a new directory with --out");
                }
            }
        }
        Files.createDirectories(directory);
        List<String> names = new ArrayList<>(WorldData.tokenizerFiles());
        names.addAll(List.of(WorldData.TRAIN, WorldData.TEST, "README.md", CONFIG));
        WorldData.copy(Storage.disk(), names, directory);
        terminal.note("The bundled text world is in %s; its README.md says what it is.", directory);
        return directory;
    }

    private static Path fresh(Path parent) {
        int number = 1;
        while (Files.exists(parent.resolve("quickstart-" + number))) {
            number++;
        }
        return parent.resolve("quickstart-" + number);
    }

    /** Runs one command of {@code rlhf} as if it had been typed. */
    private void step(String name, String... command) {
        terminal.note("%n$ rlhf %s", String.join(" ", command));
        long begin = System.nanoTime();
        if (spec == null) {
            throw new IllegalStateException("picocli sets the specification before it calls a command");
        }
        int code = spec.root().commandLine().execute(command);
        if (code != ExitCode.DONE) {
            throw new IllegalStateException("the step above failed with exit code " + code);
        }
        seconds.merge(name, (System.nanoTime() - begin) / 1e9, Double::sum);
    }

    private String writeHeldOut(Path directory, Path test) throws IOException {
        Path file = directory.resolve("test-completions.jsonl");
        try (Rows<Ranking> rankings = Preferences.readRankings(test)) {
            RowOutput.to(file.toString(), terminal, output -> {
                while (rankings.hasNext()) {
                    Ranking ranking = rankings.next().value();
                    for (RankedCompletion completion : ranking.completions()) {
                        output.row(Json.object()
                                .<com.fasterxml.jackson.databind.node.ObjectNode>set(
                                        "prompt", ranking.prompt().toJson())
                                .set("completion", completion.text().toJson()));
                    }
                }
            });
        }
        return file.toString();
    }

    private void report(Path rankings, Path test, Path model, Path scored) throws IOException {
        TextWorld world = new TextWorld();
        long begin = System.nanoTime();
        List<PreferencePair> testPairs = pairs(test);
        double ceiling = world.ceiling(testPairs);
        double shortcut = BagOfTokens.fit(pairs(rankings)).accuracy(testPairs);
        RewardEvaluation figures = evaluate(model, test);
        List<JsonFields> rows = rows(scored);
        double[] scores = rows.stream().mapToDouble(row -> row.number("score")).toArray();
        double[] truth = rows.stream()
                .mapToDouble(row -> world.score(row.text("prompt"), row.text("completion")))
                .toArray();
        double spearman = new SpearmansCorrelation().correlation(scores, truth);
        seconds.put("evaluate", (System.nanoTime() - begin) / 1e9);

        examples(rows, truth);
        terminal.result("");
        terminal.result("Held-out prompts: none of their trios of ingredients occurs in training.");
        terminal.result("  pairs                                    %,d", figures.pairs());
        terminal.result("  noise ceiling of the labels              %.1f %%", 100 * ceiling);
        terminal.result(
                "  accuracy of the reward model             %.1f %% (95 %% interval %.1f to %.1f)",
                100 * figures.accuracy(), 100 * figures.accuracyLow(), 100 * figures.accuracyHigh());
        terminal.result("  accuracy of a word-count shortcut        %.1f %%", 100 * shortcut);
        terminal.result("  Spearman of score and true reward        %.3f", spearman);
        terminal.result("  expected calibration error               %.3f", figures.calibrationError());
        terminal.result("  seconds                                  %s", timings());
        if (json) {
            Map<String, Object> rewardModel = new LinkedHashMap<>();
            rewardModel.put("accuracy", figures.accuracy());
            rewardModel.put("ceiling", ceiling);
            rewardModel.put("spearman", spearman);
            rewardModel.put("shortcut_accuracy", shortcut);
            rewardModel.put("ece", figures.calibrationError());
            rewardModel.put("n", figures.pairs());
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("reward_model", rewardModel);
            values.put("seconds", seconds);
            terminal.json(values);
        }
    }

    private static List<PreferencePair> pairs(Path file) {
        try (Rows<PreferencePair> rows = Preferences.readPairs(file, PairStrategy.ALL, TiePolicy.DROP)) {
            return rows.stream().map(row -> row.value()).toList();
        }
    }

    private static RewardEvaluation evaluate(Path model, Path test) {
        try (RewardModel rewardModel = RewardModel.open(model);
                Rows<Ranking> rows = Preferences.readRankings(test)) {
            return RewardEvaluator.evaluate(
                    rewardModel,
                    ComparisonSet.encode(rows, rewardModel.encoder(), true).rows());
        }
    }

    private static List<JsonFields> rows(Path file) {
        List<JsonFields> rows = new ArrayList<>();
        try (JsonLines lines = JsonLines.open(file)) {
            lines.forEachRemaining(line -> rows.add(line.fields()));
        }
        return rows;
    }

    private void examples(List<JsonFields> rows, double[] truth) {
        terminal.result("");
        terminal.result("%s", rows.get(0).text("prompt"));
        terminal.result("  %-68s %8s %8s", "completion", "score", "true");
        for (int i = 0; i < EXAMPLES; i++) {
            terminal.result(
                    "  %-68s %8.2f %8.1f",
                    rows.get(i).text("completion"), rows.get(i).number("score"), truth[i]);
        }
    }

    private String timings() {
        double total =
                seconds.values().stream().mapToDouble(Double::doubleValue).sum();
        List<String> parts = new ArrayList<>();
        seconds.forEach((name, time) -> parts.add(String.format(Locale.ROOT, "%s %.1f", name, time)));
        return String.format(Locale.ROOT, "%.1f (%s)", total, String.join(", ", parts));
    }
}
