package org.rlhf4j.benchmarks.experiments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.core.train.RunHooks;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.ppo.text.Critic;
import org.rlhf4j.ppo.text.PpoTextConfig;
import org.rlhf4j.ppo.text.PpoTextListener;
import org.rlhf4j.ppo.text.PpoTextResult;
import org.rlhf4j.ppo.text.PpoTextTrainer;
import org.rlhf4j.ppo.text.RewardSource;
import org.rlhf4j.ppo.text.Rewards;

/**
 * A training by PPO through the Java API, kept in a directory: {@code model}, the figures of each rollout in {@code
 * metrics.jsonl}, and how it ended in {@code result.json}, which is written last.
 */
final class PpoRun {
    private static final String METRICS = "metrics.jsonl";
    private static final String RESULT = "result.json";

    private final Path directory;
    private final List<JsonNode> rollouts;
    private final JsonNode result;

    private PpoRun(Path directory) {
        this.directory = directory;
        this.result = Json.read(directory.resolve(RESULT));
        this.rollouts = lines(directory.resolve(METRICS));
    }

    /**
     * What is trained, and on what.
     *
     * @param start the policy, its reference and its critic are started from this model
     * @param rewards in the order of the figures {@code scores/NAME}
     * @param prompts that are learned from
     * @param config every setting
     */
    record Task(Path start, List<RewardSource> rewards, List<Content> prompts, PpoTextConfig config) {}

    /**
     * Trains, or opens what was trained before.
     *
     * @param directory of the run
     * @param task what to do
     * @param terminal shows a line every ten rollouts, and warnings
     */
    static PpoRun of(Path directory, Task task, Terminal terminal) throws IOException {
        if (!Files.exists(directory.resolve(RESULT))) {
            terminal.note("%nPPO: %s", directory);
            Directories.deleteIfThere(directory);
            Storage.disk().createDirectories(directory);
            train(directory, task, terminal);
        }
        return new PpoRun(directory);
    }

    private static void train(Path directory, Task task, Terminal terminal) throws IOException {
        StringBuilder metrics = new StringBuilder();
        RunHooks hooks = RunHooks.NONE.metrics(step -> {
            metrics.append(Json.write(new TreeMap<>(step.values()))).append('\n');
            if (step.step() % 10 == 0) {
                show(step.step(), step.values(), terminal);
            }
        });
        PpoTextListener listener = new PpoTextListener() {
            @Override
            public void warned(long step, String warning) {
                terminal.note("after %d rollouts: %s", step, warning);
            }
        };
        try (LanguageModel policy = LanguageModel.open(task.start());
                LanguageModel reference = LanguageModel.open(task.start());
                Critic critic = Critic.open(task.start(), policy)) {
            Rewards rewards = new Rewards(task.rewards(), task.config().score());
            PpoTextResult ended = new PpoTextTrainer(policy, reference, critic, rewards, task.config())
                    .train(task.prompts(), List.of(), hooks, listener);
            policy.save(directory.resolve("model"));
            Checkout.write(directory.resolve(METRICS), metrics.toString());
            ObjectNode json = Json.object();
            json.put("rollouts", ended.rollouts());
            json.put("episodes", ended.episodes());
            json.put("tokens", ended.tokens());
            json.put("kept_after", ended.keptStep());
            json.put("stopped", ended.stopped());
            Checkout.write(directory.resolve(RESULT), Json.pretty(json));
        }
    }

    private static void show(long step, Map<String, Double> values, Terminal terminal) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%5d", step));
        values.forEach((name, value) -> {
            if (name.startsWith("scores/")
                    || List.of("objective/raw_scores", "objective/kl", "completions/mean_length")
                            .contains(name)) {
                line.append(String.format(Locale.ROOT, "  %s %.3f", name, value));
            }
        });
        terminal.note("%s", line);
    }

    private static List<JsonNode> lines(Path file) {
        try {
            List<JsonNode> rows = new ArrayList<>();
            for (String line : Files.readAllLines(file)) {
                rows.add(Json.parse(line));
            }
            return rows;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The trained model. */
    Path model() {
        return directory.resolve("model");
    }

    /** Rollouts made, episodes, tokens, rollouts that the model has learned from, and why the guard stopped the run, or null. */
    JsonNode result() {
        return result;
    }

    /** A figure of every rollout. */
    double[] figures(String name) {
        return rollouts.stream().mapToDouble(row -> row.get(name).doubleValue()).toArray();
    }

    /** The mean of a figure over the last rollouts, or all where there are fewer. */
    double last(String name, int count) {
        double[] figures = figures(name);
        double sum = 0;
        int from = Math.max(0, figures.length - count);
        for (int i = from; i < figures.length; i++) {
            sum += figures[i];
        }
        return sum / (figures.length - from);
    }
}
