package org.rlhf4j.benchmarks.experiments;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.world.TextWorld;
import org.rlhf4j.cli.world.WorldData;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How much true reward PPO and DPO gain for how much divergence, over their coefficients. */
@Command(
        name = "frontier",
        description = {
            "The frontier of true reward and divergence of PPO and DPO in the quickstart's world.",
            "Every run starts from the quickstart's fine-tuned model of its seed. Runs that are in the table already are"
                    + " not made again."
        })
final class FrontierExperiment implements Callable<Integer> {
    private static final int SAMPLES = 4;

    private static final List<String> DEFAULT_SWEEPS =
            List.of("dpo:loss.beta=0.05,0.1,0.25,0.5,1", "ppo:training.kl.coef=0.1,0.2,0.4,0.8");

    private final Terminal terminal;

    @Option(names = "--work", paramLabel = "DIR", required = true, description = "Where models are made and kept.")
    private Path work = Path.of("");

    @Option(
            names = "--seeds",
            paramLabel = "N,...",
            split = ",",
            defaultValue = "1,2,3,4,5",
            description = "Seeds (default: ${DEFAULT-VALUE}).")
    private List<Long> seeds = new ArrayList<>();

    @Option(
            names = "--run",
            paramLabel = "METHOD:KEY=V,...",
            description = {
                "What is trained: a method, and the values of one of its settings; may be given again.",
                "Default: dpo:loss.beta=0.05,0.1,0.25,0.5,1 and ppo:training.kl.coef=0.1,0.2,0.4,0.8."
            })
    private List<String> sweeps = new ArrayList<>();

    @Option(
            names = "--set",
            paramLabel = "METHOD:KEY=V",
            description = "A setting of all runs of a method; may be given again.")
    private List<String> fixed = new ArrayList<>();

    @Option(
            names = "--prompts",
            paramLabel = "validation|test",
            defaultValue = "validation",
            description = "Whose samples are judged: settings are chosen on validation (default: ${DEFAULT-VALUE}).")
    private String prompts = "validation";

    @Option(names = "--table", paramLabel = "CSV", description = "Default: benchmarks/results/frontier.csv.")
    private @Nullable Path table;

    @Option(names = "--picture", paramLabel = "SVG", description = "Default: docs/pictures/frontier.svg.")
    private @Nullable Path picture;

    FrontierExperiment(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        List<Sweep> all = (sweeps.isEmpty() ? DEFAULT_SWEEPS : sweeps)
                .stream().map(Sweep::of).toList();
        if (!List.of("validation", "test").contains(prompts)) {
            throw new IllegalArgumentException("--prompts " + prompts + ": validation or test");
        }
        FrontierTable points =
                FrontierTable.open(table == null ? Checkout.file("benchmarks/results/frontier.csv") : table);
        Rlhf rlhf = new Rlhf(terminal);
        for (long seed : seeds) {
            Kitchen kitchen = Kitchen.of(rlhf, work, seed);
            for (Sweep sweep : all) {
                for (List<String> settings : sweep.runs(fixed)) {
                    if (!points.has(sweep.method(), String.join(" ", settings), seed, prompts)) {
                        points.add(run(kitchen, rlhf, sweep.method(), settings));
                    }
                }
            }
        }
        Path svg = picture == null ? Checkout.file("docs/pictures/frontier.svg") : picture;
        Checkout.write(svg, points.picture(prompts).svg());
        points.summary(prompts).forEach(line -> terminal.result("%s", line));
        return ExitCode.DONE;
    }

    private FrontierPoint run(Kitchen kitchen, Rlhf rlhf, String method, List<String> settings) throws IOException {
        Path sft = kitchen.sft();
        Path reward = kitchen.reward();
        long begin = System.nanoTime();
        List<Object> command = new ArrayList<>(List.of(method, "train", "--seed", kitchen.seed(), "--model", sft));
        if (method.equals("dpo")) {
            command.addAll(List.of("--data", kitchen.pairs(), "--eval-data", kitchen.file(WorldData.VALIDATION)));
        } else {
            command.addAll(List.of("--reward", reward, "--prompts", kitchen.file(WorldData.TRAIN)));
        }
        command.addAll(List.of("--config", kitchen.file(method + "-train.yaml")));
        settings.forEach(setting -> command.addAll(List.of("--set", setting)));
        String name = method + " " + String.join(" ", settings);
        Path model = rlhf.train(kitchen.file(name), command.toArray());
        JsonNode compared = rlhf.figures(
                "compare",
                "--samples",
                SAMPLES,
                "--seed",
                kitchen.seed(),
                "--a",
                sft,
                "--b",
                model,
                "--prompts",
                kitchen.file(prompts.equals("test") ? WorldData.TEST : WorldData.VALIDATION),
                "--scorer",
                TextWorld.class.getName());
        double seconds = (System.nanoTime() - begin) / 1e9;
        return FrontierPoint.of(method, String.join(" ", settings), kitchen.seed(), prompts, compared, seconds);
    }
}
