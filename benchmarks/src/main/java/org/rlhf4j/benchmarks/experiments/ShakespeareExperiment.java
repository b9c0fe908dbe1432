package org.rlhf4j.benchmarks.experiments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Json;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.ppo.text.PpoTextConfig;
import org.rlhf4j.ppo.text.RewardSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The classic task of RLHF, continuing a text in a good mood, from a text file to a model and its curves. */
@Command(
        name = "shakespeare",
        description = {
            "A small model learns Shakespeare's English from fresh weights, and then, by PPO, to continue lines in a good mood:",
            "the sentiment task of Ziegler et al. 2019 with a lexicon as the judge."
        })
final class ShakespeareExperiment implements Callable<Integer> {
    private static final int HELD_OUT_ROWS = 200;
    private static final int HELD_OUT_PROMPTS = 300;
    private static final int SAMPLES = 6;
    private static final Map<String, String> FIGURES = figureLabels();

    private final Terminal terminal;

    @Option(
            names = "--text",
            paramLabel = "FILE",
            required = true,
            description = "tinyshakespeare.txt, 1,115,394 bytes, SHA-256 " + ShakespeareText.SHA256 + ".")
    private Path text = Path.of("");

    @Option(names = "--work", paramLabel = "DIR", required = true, description = "Where models are made and kept.")
    private Path work = Path.of("");

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Seed (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Changes a setting of benchmarks/shakespeare/ppo-train.yaml.")
    private List<String> overrides = List.of();

    ShakespeareExperiment(Terminal terminal) {
        this.terminal = terminal;
    }

    private static Map<String, String> figureLabels() {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("objective/raw_scores", "reward: mood of the completion, -1 to 1");
        labels.put("objective/kl", "KL from the SFT model, nats a sequence");
        labels.put("objective/entropy", "entropy, nats a sequence");
        return labels;
    }

    @Override
    public Integer call() throws IOException {
        ShakespeareText cut = ShakespeareText.read(text);
        Rlhf rlhf = new Rlhf(terminal);
        Path sft = sft(rlhf, cut);
        List<String> prompts = ShakespeareText.prompts(cut.heldOut());
        List<String> learned = prompts.subList(HELD_OUT_PROMPTS, prompts.size());
        PpoRun run = train(sft, learned);
        JsonNode compared = compare(rlhf, sft, run.model(), prompts.subList(0, HELD_OUT_PROMPTS));
        ObjectNode figures = Json.object();
        figures.setAll((ObjectNode) run.result());
        figures.put("prompts", learned.size());
        FIGURES.keySet().forEach(name -> {
            figures.put(name + " first", run.figures(name)[0]);
            figures.put(name + " last ten", run.last(name, 10));
        });
        figures.set("held_out", compared);
        figures.set("samples", samples());
        Checkout.write(Checkout.file("benchmarks/results/shakespeare.json"), Json.pretty(figures));
        Checkout.write(
                Checkout.file("docs/pictures/shakespeare.svg"), picture(run).svg());
        terminal.result("%s", Json.pretty(figures));
        return ExitCode.DONE;
    }

    private Path sft(Rlhf rlhf, ShakespeareText cut) throws IOException {
        Path data = rows("train.jsonl", "text", ShakespeareText.rows(cut.training()));
        Path heldOut = rows(
                "held-out.jsonl", "text", ShakespeareText.rows(cut.heldOut()).subList(0, HELD_OUT_ROWS));
        Path start = work.resolve("start");
        if (!Files.exists(start)) {
            Path tokenizer = Checkout.file("benchmarks/shakespeare/tokenizer.json");
            rlhf.run("model", "create", "--preset", "small", "--tokenizer", tokenizer, "--seed", seed, "--out", start);
        }
        return rlhf.train(
                work.resolve("sft"),
                "sft",
                "train",
                "--seed",
                seed,
                "--model",
                start,
                "--data",
                data,
                "--eval-data",
                heldOut,
                "--config",
                Checkout.file("benchmarks/shakespeare/sft-train.yaml"));
    }

    private PpoRun train(Path sft, List<String> prompts) throws IOException {
        PpoTextConfig config = ConfigReader.of(PpoTextConfig.DEFAULT)
                .file(Checkout.file("benchmarks/shakespeare/ppo-train.yaml"))
                .overrides(List.of("seed=" + seed))
                .overrides(overrides)
                .read();
        List<Content> asked =
                prompts.stream().<Content>map(prompt -> Content.of(prompt)).toList();
        PpoRun.Task task =
                new PpoRun.Task(sft, List.of(new RewardSource("mood", new SentimentLexicon(), 1)), asked, config);
        return PpoRun.of(
                work.resolve(String.join(" ", "ppo seed=" + seed, String.join(" ", overrides))
                        .strip()),
                task,
                terminal);
    }

    private JsonNode compare(Rlhf rlhf, Path sft, Path trained, List<String> prompts) throws IOException {
        return rlhf.figures(
                "compare",
                "--samples",
                2,
                "--seed",
                seed,
                "--max-new-tokens",
                32,
                "--a",
                sft,
                "--b",
                trained,
                "--prompts",
                rows("prompts.jsonl", "prompt", prompts),
                "--scorer",
                SentimentLexicon.class.getName(),
                "--out",
                work.resolve("samples.jsonl"));
    }

    /** What both models write to the first held-out prompts. */
    private ArrayNode samples() throws IOException {
        Map<String, ObjectNode> byPrompt = new LinkedHashMap<>();
        for (String line : Files.readAllLines(work.resolve("samples.jsonl"))) {
            JsonNode row = Json.parse(line);
            String prompt = row.get("prompt").textValue();
            ObjectNode sample =
                    byPrompt.computeIfAbsent(prompt, asked -> Json.object().put("prompt", asked));
            String when = row.get("policy").textValue().equals("a") ? "before" : "after";
            if (!sample.has(when)) {
                sample.set(when, row.get("completion"));
                sample.set(when + "_score", row.get("score"));
            }
        }
        ArrayNode samples = Json.array();
        byPrompt.values().stream().limit(SAMPLES).forEach(samples::add);
        return samples;
    }

    private static Picture picture(PpoRun run) {
        List<Chart> charts = FIGURES.entrySet().stream()
                .map(figure -> new Chart("", "rollout of 64 completions", figure.getValue())
                        .with(Series.line("PPO, KL coefficient 0.05", run.figures(figure.getKey()))))
                .toList();
        return new Picture("Shakespeare in a good mood", 3, charts);
    }

    private Path rows(String name, String key, List<String> texts) throws IOException {
        StringBuilder lines = new StringBuilder();
        texts.forEach(
                one -> lines.append(Json.write(Json.object().put(key, one))).append('\n'));
        Path file = work.resolve(name);
        Checkout.write(file, lines.toString());
        return file;
    }
}
