package org.rlhf4j.benchmarks.experiments;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.rlhf4j.base.CompletionScorer;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.PromptCompletion;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.world.KitchenOrder;
import org.rlhf4j.cli.world.TextWorld;
import org.rlhf4j.cli.world.WorldData;
import org.rlhf4j.preference.PairStrategy;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.Preferences;
import org.rlhf4j.preference.Rows;
import org.rlhf4j.preference.TiePolicy;
import org.rlhf4j.reward.RewardModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A reward model that likes length, and what becomes of policies that learn from it. */
@Command(
        name = "hacking",
        description = "Reward hacking: a length artefact in one pair of twenty, with and without a KL penalty.")
final class HackingExperiment implements Callable<Integer> {
    private final Terminal terminal;

    @Option(names = "--work", paramLabel = "DIR", required = true, description = "Where models are made and kept.")
    private Path work = Path.of("");

    @Option(names = "--seeds", paramLabel = "N,...", split = ",", defaultValue = "1,2", description = "Seeds.")
    private List<Long> seeds = new ArrayList<>();

    HackingExperiment(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        Rlhf rlhf = new Rlhf(terminal);
        ArrayNode figures = Json.array();
        for (long seed : seeds) {
            Kitchen kitchen = Kitchen.of(rlhf, work, seed);
            Path hackable = kitchen.reward("hackable", spoiltPairs(kitchen));
            ObjectNode row = figures.addObject().put("seed", seed);
            row.set("hackable", byLength(hackable));
            row.set("clean", byLength(kitchen.reward()));
            terminal.result("%s", Json.pretty(row));
        }
        return ExitCode.DONE;
    }

    private static Path spoiltPairs(Kitchen kitchen) throws IOException {
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
            Storage.disk().writeAtomically(file, lines.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        return file;
    }

    /** Mean score and mean true reward of perfect plans for the held-out prompts, with 0 to 9 needless steps. */
    private static ArrayNode byLength(Path rewardModel) {
        List<KitchenOrder> orders = WorldData.orders(true).subList(0, WorldData.TEST_ROWS);
        ArrayNode figures = Json.array();
        try (RewardModel model = RewardModel.open(rewardModel)) {
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
        }
        return figures;
    }

    private static String perfect(KitchenOrder order) {
        List<String> ingredients = order.ingredients();
        return "I wash " + ingredients.get(0) + ", chop " + ingredients.get(1) + ", then " + order.way() + " "
                + ingredients.get(2) + ".";
    }

    private static double mean(CompletionScorer scorer, List<PromptCompletion> rows) {
        return java.util.Arrays.stream(scorer.scoreAll(rows)).average().orElseThrow();
    }
}
