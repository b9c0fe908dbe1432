package org.rlhf4j.benchmarks.experiments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.rlhf4j.base.CompletionScorer;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.PromptCompletion;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.world.KitchenOrder;
import org.rlhf4j.cli.world.TextWorld;
import org.rlhf4j.cli.world.WorldData;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.lm.text.EncodingPolicy;
import org.rlhf4j.ppo.text.PpoTextConfig;
import org.rlhf4j.ppo.text.RewardSource;
import org.rlhf4j.preference.PairStrategy;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.TiePolicy;
import org.rlhf4j.preference.read.Preferences;
import org.rlhf4j.preference.read.Rows;
import org.rlhf4j.reward.RewardModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A reward model that likes length, and what becomes of policies that learn from it. */
@Command(
        name = "hacking",
        description = {
            "Reward hacking: PPO against a reward model from pairs of which one in twenty has a length artefact,",
            "with and without a KL penalty, with and without a guard that stops the run."
        })
final class HackingExperiment implements Callable<Integer> {
    private static final String PROXY = "proxy";
    private static final String TRUTH = "true";

    /** What is shown of every rollout. */
    private static final Map<String, String> FIGURES = figureLabels();

    /** The runs, and what distinguishes them. */
    private static final Map<String, List<String>> RUNS = runs();

    private final Terminal terminal;

    @Option(names = "--work", paramLabel = "DIR", required = true, description = "Where models are made and kept.")
    private Path work = Path.of("");

    @Option(names = "--seeds", paramLabel = "N,...", split = ",", defaultValue = "1,2", description = "Seeds.")
    private List<Long> seeds = new ArrayList<>();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Changes a setting of benchmarks/hacking/ppo-train.yaml.")
    private List<String> overrides = new ArrayList<>();

    HackingExperiment(Terminal terminal) {
        this.terminal = terminal;
    }

    private static Map<String, String> figureLabels() {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("scores/" + PROXY, "score of the reward model");
        labels.put("scores/" + TRUTH, "true reward");
        labels.put("objective/kl", "KL from the SFT model, nats a sequence");
        labels.put("completions/mean_length", "mean tokens of a completion");
        return labels;
    }

    private static Map<String, List<String>> runs() {
        Map<String, List<String>> runs = new LinkedHashMap<>();
        runs.put("no penalty", List.of("kl.coef=0"));
        runs.put(
                "no penalty, guarded",
                List.of("kl.coef=0", "guard.maxKl=6", "guard.maxLengthDrift=1.25", "guard.patience=2"));
        runs.put(
                "KL penalty, guarded",
                List.of("kl.coef=0.2", "guard.maxKl=6", "guard.maxLengthDrift=1.25", "guard.patience=2"));
        return runs;
    }

    @Override
    public Integer call() throws IOException {
        ObjectNode figures = Json.object();
        Map<String, List<PpoRun>> trained = new LinkedHashMap<>();
        for (long seed : seeds) {
            Rlhf rlhf = new Rlhf(terminal);
            Kitchen kitchen = Kitchen.of(rlhf, work, seed);
            ObjectNode ofSeed = figures.putObject("seed " + seed);
            try (RewardModel hackable = open(hackable(kitchen));
                    RewardModel honest = open(kitchen.reward())) {
                ofSeed.set("scores_by_needless_steps", byLength(hackable));
                ofSeed.set("scores_of_an_honest_reward_model", byLength(honest));
                for (Map.Entry<String, List<String>> run : RUNS.entrySet()) {
                    PpoRun done = train(kitchen, kitchen.sft(), hackable, run.getValue());
                    trained.computeIfAbsent(run.getKey(), name -> new ArrayList<>())
                            .add(done);
                    ofSeed.set(run.getKey(), figures(done, compare(rlhf, kitchen, kitchen.sft(), done.model())));
                }
            }
        }
        Checkout.write(Checkout.file("benchmarks/results/hacking.json"), Json.pretty(figures));
        Checkout.write(
                Checkout.file("docs/pictures/hacking.svg"), picture(trained).svg());
        terminal.result("%s", Json.pretty(figures));
        return ExitCode.DONE;
    }

    /** The model that is left at the end, on held-out prompts, beside the one that it started from. */
    private static JsonNode compare(Rlhf rlhf, Kitchen kitchen, Path sft, Path model) {
        List<Object> command = new ArrayList<>(List.of("compare", "--samples", 2, "--seed", kitchen.seed()));
        command.addAll(List.of("--a", sft, "--b", model, "--prompts", kitchen.file(WorldData.TEST)));
        command.addAll(List.of("--scorer", TextWorld.class.getName()));
        return rlhf.figures(command.toArray());
    }

    private static ObjectNode figures(PpoRun run, JsonNode compared) {
        ObjectNode json = Json.object();
        json.setAll((ObjectNode) run.result());
        FIGURES.forEach((figure, label) -> {
            double[] values = run.figures(figure);
            ObjectNode course = json.putObject(label);
            course.put("first", values[0]);
            course.put("highest", Arrays.stream(values).max().orElseThrow());
            course.put("last", values[values.length - 1]);
        });
        json.set("held_out_true_reward_before", compared.get("a").get("mean_score"));
        json.set("held_out_true_reward_after", compared.get("b").get("mean_score"));
        json.set("held_out_kl", compared.get("kl"));
        json.set("held_out_mean_tokens", compared.get("b").get("mean_tokens"));
        return json;
    }

    private static Picture picture(Map<String, List<PpoRun>> trained) {
        List<Chart> charts = new ArrayList<>();
        FIGURES.forEach((figure, label) -> {
            Chart chart = new Chart("", "rollout of 128 completions", label);
            for (Map.Entry<String, List<PpoRun>> runs : trained.entrySet()) {
                for (PpoRun run : runs.getValue()) {
                    chart = chart.with(Series.line(runs.getKey(), run.figures(figure)));
                }
            }
            charts.add(chart);
        });
        return new Picture("A reward model that likes length, hacked by PPO", 2, charts);
    }

    /** The reward model of the spoilt pairs, with the settings of the quickstart. */
    private static Path hackable(Kitchen kitchen) throws IOException {
        Path file = kitchen.file("spoilt-pairs.jsonl");
        if (!Files.exists(file)) {
            List<PreferencePair> pairs;
            try (Rows<PreferencePair> rows = Preferences.readPairs(kitchen.pairs(), PairStrategy.ALL, TiePolicy.DROP)) {
                pairs = rows.stream().map(row -> row.value()).toList();
            }
            StringBuilder lines = new StringBuilder();
            for (PreferencePair pair : LengthArtefact.spoil(pairs, kitchen.seed())) {
                lines.append(Json.write(pair.toJson())).append('\n');
            }
            Checkout.write(file, lines.toString());
        }
        return kitchen.reward("hackable", file);
    }

    private static RewardModel open(Path directory) {
        return RewardModel.open(
                directory,
                policy -> policy.withOnUnknown(EncodingPolicy.OnUnknown.COUNT)
                        .withOnOverlong(EncodingPolicy.OnOverlong.TRUNCATE));
    }

    private PpoRun train(Kitchen kitchen, Path sft, RewardModel proxy, List<String> changes) throws IOException {
        List<String> settings = new ArrayList<>(changes);
        settings.add("seed=" + kitchen.seed());
        settings.addAll(overrides);
        PpoTextConfig config = ConfigReader.of(PpoTextConfig.DEFAULT)
                .file(Checkout.file("benchmarks/hacking/ppo-train.yaml"))
                .overrides(settings)
                .read();
        List<Content> prompts = WorldData.orders(false).subList(0, WorldData.TRAIN_ROWS).stream()
                .map(order -> Content.of(order.prompt()))
                .toList();
        List<RewardSource> rewards =
                List.of(new RewardSource(PROXY, proxy, 1), new RewardSource(TRUTH, new TextWorld(), 0));
        Path directory = kitchen.file("ppo " + String.join(" ", settings));
        return PpoRun.of(directory, new PpoRun.Task(sft, rewards, prompts, config), terminal);
    }

    /** Mean score and mean true reward of perfect plans for the held-out prompts, with 0 to 9 needless steps. */
    private static ArrayNode byLength(RewardModel model) {
        List<KitchenOrder> orders = WorldData.orders(true).subList(0, WorldData.TEST_ROWS);
        ArrayNode figures = Json.array();
        for (int steps = 0; steps <= LengthArtefact.MOST_STEPS; steps++) {
            List<PromptCompletion> rows = new ArrayList<>();
            for (int i = 0; i < orders.size(); i++) {
                SeededStream stream = SeededStream.of(1, "lengthened").child(i);
                String plan = perfect(orders.get(i));
                String longer = steps == 0 ? plan : LengthArtefact.lengthen(plan, steps, stream);
                rows.add(new PromptCompletion(orders.get(i).prompt(), longer));
            }
            figures.addObject()
                    .put("steps", steps)
                    .put("score", mean(model, rows))
                    .put("true_reward", mean(new TextWorld(), rows));
        }
        return figures;
    }

    private static String perfect(KitchenOrder order) {
        List<String> ingredients = order.ingredients();
        return "I wash " + ingredients.get(0) + ", chop " + ingredients.get(1) + ", then " + order.way() + " "
                + ingredients.get(2) + ".";
    }

    private static double mean(CompletionScorer scorer, List<PromptCompletion> rows) {
        return Arrays.stream(scorer.scoreAll(rows)).average().orElseThrow();
    }
}
