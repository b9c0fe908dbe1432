package org.rlhf4j.cli.repeat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.console.Commands;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.cli.repeat.RecordedRun.Repetition;
import org.rlhf4j.core.checkpoint.CheckpointStore;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.run.RunDumps;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rlhf replay}: a step whose numbers were not finite once more. */
@Command(
        name = "replay",
        description = {
            "Repeat a step whose loss, gradient or log-probabilities were not finite, and show which row and tensor it is.",
            "The run goes on from the dump in a temporary directory, with the settings of its run, to the end of that step."
                    + " Data, model and version may have changed since, so a cure can be tried: then it says that the problem is"
                    + " gone."
        })
public final class ReplayCommand implements Callable<Integer> {
    private static final int ROWS_SHOWN = 32;

    private final Terminal terminal;
    private final Commands commands;

    @Parameters(paramLabel = "DUMP", description = "A directory RUN/dumps/step-000123.")
    private Path dump = Path.of("");

    @Option(names = "--json", description = "Print the figures as one JSON object, on the last line.")
    private boolean json;

    ReplayCommand(Terminal terminal, Commands commands) {
        this.terminal = terminal;
        this.commands = commands;
    }

    @Override
    public Integer call() throws IOException {
        Path file = dump.resolve(RunDumps.PROBLEM);
        if (!Files.isRegularFile(file)) {
            throw new UsageException(dump + " is no dump: it has no " + RunDumps.PROBLEM);
        }
        JsonNode then = Json.read(file);
        RecordedRun run = RecordedRun.open(
                dump.toAbsolutePath().normalize().resolve("../..").normalize());
        long step = then.path("step").asLong();
        try (Workplace place = Workplace.create()) {
            Repetition repetition = repeated(run, place, step);
            Path again = place.run()
                    .resolve("dumps")
                    .resolve(CheckpointStore.name(step))
                    .resolve(RunDumps.PROBLEM);
            boolean repeated = Files.exists(again);
            if (!repeated && repetition.code() != ExitCode.DONE && repetition.code() != ExitCode.INTERRUPTED) {
                throw new IOException("the step cannot be repeated: " + repetition.lastLine());
            }
            terminal.result("then: %s", then.path("message").asText());
            if (repeated) {
                show(Json.read(again));
            } else {
                terminal.result("now: step %d is made, and its numbers are finite; the problem is gone", step);
            }
            if (json) {
                ObjectNode figures = Json.object().put("repeated", repeated).put("step", step);
                figures.set("problem", repeated ? Json.read(again) : then);
                terminal.result("%s", Json.write(figures));
            }
            return ExitCode.DONE;
        }
    }

    /** Lets the run go on from the dump; where that holds no state, from the beginning. */
    private Repetition repeated(RecordedRun run, Workplace place, long step) throws IOException {
        List<String> options = new ArrayList<>(List.of("--out", place.run().toString()));
        options.addAll(List.of("--stop-after", String.valueOf(step), "--checkpoint-minutes", "0"));
        if (Files.exists(dump.resolve("manifest.json"))) {
            StateReader state = CheckpointStore.open(dump);
            terminal.note("repeating %s from step %d to %d", String.join(" ", run.command()), state.step() + 1, step);
            Storage disk = Storage.disk();
            Path checkpoint = place.run().resolve("checkpoints").resolve(CheckpointStore.name(state.step()));
            CheckpointStore.copy(disk, dump, checkpoint);
            for (Path file :
                    List.of(run.directory().configFile(), run.directory().provenanceFile())) {
                disk.writeAtomically(place.run().resolve(file.getFileName()), out -> Files.copy(file, out));
            }
            options.add("--resume");
            List.of("data", "model", "rlhf4j", "platform")
                    .forEach(key -> options.addAll(List.of("--allow-changed", key)));
        } else {
            terminal.note("repeating %s from its beginning to step %d", String.join(" ", run.command()), step);
            options.addAll(List.of("--config", run.directory().configFile().toString()));
        }
        return run.repeat(commands, options.toArray(String[]::new));
    }

    private void show(JsonNode problem) {
        terminal.result(
                "now: the problem is repeated: %s", problem.path("message").asText());
        JsonNode alone = problem.path("alone");
        if (!alone.isEmpty()) {
            terminal.result("each row of the batch alone:");
        }
        int shown = 0;
        for (JsonNode row : alone) {
            boolean bad = row.path("loss").isTextual() || row.path("grad_norm").isTextual();
            // Bad rows are all shown.
            if (bad || shown++ < ROWS_SHOWN) {
                terminal.result(
                        "  %-30s loss %-12s gradient norm %s%s",
                        row.path("row").asText(),
                        row.path("loss").asText(),
                        row.path("grad_norm").asText(),
                        bad ? "  <- not finite" : "");
            }
        }
        norms("gradient", problem.path("gradients"));
        norms("weight", problem.path("weights"));
        if (problem.has("diagnosis_failed")) {
            terminal.result(
                    "the rows could not be computed alone: %s",
                    problem.path("diagnosis_failed").asText());
        }
    }

    private void norms(String what, JsonNode norms) {
        List<String> bad = new ArrayList<>();
        norms.path("not_finite").forEach(name -> bad.add(name.asText()));
        if (!bad.isEmpty()) {
            terminal.result("%ss that are not finite: %d, the first is %s", what, bad.size(), bad.get(0));
        }
        List<String> largest = new ArrayList<>();
        norms.path("largest_norms")
                .properties()
                .forEach(norm -> largest.add(String.format(
                        Locale.ROOT, "%s %.4g", norm.getKey(), norm.getValue().doubleValue())));
        if (!largest.isEmpty()) {
            terminal.result("largest %s norms: %s", what, String.join(", ", largest));
        }
    }
}
