package org.rlhf4j.cli.quickstart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.compare.CompareCommand;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.RowOutput;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.cli.world.TextWorld;
import org.rlhf4j.cli.world.WorldData;
import org.rlhf4j.preference.RankedCompletion;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.read.Preferences;
import org.rlhf4j.preference.read.Rows;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rlhf quickstart}: from rankings to an aligned model, and how good it all is. */
@Command(
        name = "quickstart",
        description = {
            "Run the whole pipeline on bundled data: rankings -> pairs -> SFT -> reward model -> scores -> DPO -> PPO.",
            "Every step is a command that it prints before it runs it; the last thing it prints is a table that holds"
                    + " the models against the known true reward of the bundled text world."
        })
public final class QuickstartCommand implements Callable<Integer> {
    private static final String SFT = "sft-train.yaml";
    private static final String REWARD = "reward-train.yaml";
    private static final String DPO = "dpo-train.yaml";
    private static final String PPO = "ppo-train.yaml";

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
        String rankings = file(directory, WorldData.TRAIN);
        String validation = file(directory, WorldData.VALIDATION);
        String test = file(directory, WorldData.TEST);
        String pairs = file(directory, "train-pairs.jsonl");
        String start = file(directory, "start");
        String sft = file(directory, "sft");
        String reward = file(directory, "reward");
        String dpo = file(directory, "dpo");
        String ppo = file(directory, "ppo");
        String scored = file(directory, "scored.jsonl");

        step("convert", "data convert --pairs all", "--in", rankings, "--out", pairs);
        step(
                "create",
                "model create --preset tiny --seed " + seed,
                "--tokenizer",
                file(directory, "tokenizer.json"),
                "--out",
                start);
        train("sft", directory, SFT, start, rankings, validation, sft);
        train("reward", directory, REWARD, start, pairs, test, reward);
        step(
                "score",
                "score",
                "--model",
                reward + "/model",
                "--in",
                writeHeldOut(directory, Path.of(test)),
                "--out",
                scored);
        train("dpo", directory, DPO, sft + "/model", pairs, validation, dpo);
        step(
                "ppo",
                "ppo train --seed " + seed,
                "--model",
                sft + "/model",
                "--reward",
                reward + "/model",
                "--prompts",
                rankings,
                "--eval-data",
                validation,
                "--config",
                file(directory, PPO),
                "--out",
                ppo);
        Map<String, CompareCommand.Result> policies = new LinkedHashMap<>();
        policies.put("DPO", compare(sft, dpo, test));
        policies.put("PPO", compare(sft, ppo, test));
        new QuickstartReport(terminal, seconds, json)
                .show(Path.of(rankings), Path.of(test), Path.of(reward, "model"), Path.of(scored), policies);
        return ExitCode.DONE;
    }

    private CompareCommand.Result compare(String sft, String aligned, String test) {
        CommandLine command = step(
                "compare",
                "compare --samples 4 --seed " + seed,
                "--a",
                sft + "/model",
                "--b",
                aligned + "/model",
                "--prompts",
                test,
                "--scorer",
                TextWorld.class.getName());
        return command.<CompareCommand>getCommand().result();
    }

    private static String file(Path directory, String name) {
        return directory.resolve(name).toString();
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
        names.addAll(
                List.of(WorldData.TRAIN, WorldData.VALIDATION, WorldData.TEST, "README.md", SFT, REWARD, DPO, PPO));
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

    private void train(
            String name, Path directory, String config, String model, String data, String evalData, String run) {
        step(
                name,
                name + " train --seed " + seed,
                "--model",
                model,
                "--data",
                data,
                "--eval-data",
                evalData,
                "--config",
                file(directory, config),
                "--out",
                run);
    }

    /**
     * Runs one command of {@code rlhf} as if it had been typed.
     *
     * @param name under which its time is counted
     * @param words the command and options without spaces in them
     * @param files further options, which may have spaces
     * @return the command
     */
    private CommandLine step(String name, String words, String... files) {
        List<String> command = new ArrayList<>(List.of(words.split(" ")));
        command.addAll(List.of(files));
        terminal.note("%n$ rlhf %s", String.join(" ", command));
        long begin = System.nanoTime();
        if (spec == null) {
            throw new IllegalStateException("picocli sets the specification before it calls a command");
        }
        CommandLine root = spec.root().commandLine();
        int code = root.execute(command.toArray(String[]::new));
        if (code != ExitCode.DONE) {
            throw new IllegalStateException("the step above failed with exit code " + code);
        }
        seconds.merge(name, (System.nanoTime() - begin) / 1e9, Double::sum);
        return Objects.requireNonNull(root.getSubcommands().get(command.get(0)), words);
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
}
