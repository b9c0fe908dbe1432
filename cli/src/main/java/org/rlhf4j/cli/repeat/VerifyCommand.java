package org.rlhf4j.cli.repeat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.console.Commands;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.repeat.RecordedRun.Repetition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rlhf verify}: the first steps of a run once more. */
@Command(
        name = "verify",
        description = {
            "Repeat the first steps of a run and compare its metrics to the last bit.",
            "Data and start model are first held against the checksums in RUN/provenance.json; then the command runs again with"
                    + " RUN/config.yaml, in a temporary directory. Figures of the clock are not compared. Exit code 0: equal;"
                    + " 1: something differs, which is named."
        })
public final class VerifyCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final Commands commands;

    @Parameters(paramLabel = "RUN", description = "Directory of the run, of any training command.")
    private Path path = Path.of("");

    @Option(
            names = "--steps",
            paramLabel = "N",
            description =
                    "Steps to repeat, at least as many as there are before the first line of metrics (default: 10)."
                            + " In control they are those of the environments.")
    private long steps = 10;

    @Option(names = "--json", description = "Print the figures as one JSON object, on the last line.")
    private boolean json;

    VerifyCommand(Terminal terminal, Commands commands) {
        this.terminal = terminal;
        this.commands = commands;
    }

    @Override
    public Integer call() throws IOException {
        RecordedRun run = RecordedRun.open(path);
        List<String> differences = new ArrayList<>(changedSettings(run));
        if (differences.isEmpty()) {
            differences.addAll(changedFiles(run));
        }
        if (!differences.isEmpty()) {
            return told(differences, 0, 0, List.of());
        }
        List<JsonNode> lines = MetricsComparison.read(run.directory().metricsFile());
        if (lines.isEmpty()) {
            throw new IOException(path + " has no metrics to compare with: the run ended before its first line");
        }
        try (Workplace place = Workplace.create()) {
            return compared(run, lines, place);
        }
    }

    private int compared(RecordedRun run, List<JsonNode> lines, Workplace place) throws IOException {
        long first = MetricsComparison.step(lines.get(0));
        long last = MetricsComparison.step(lines.get(lines.size() - 1));
        long wanted = Math.min(Math.max(steps, first), last);
        terminal.note("repeating %s up to step %d of %d", String.join(" ", run.command()), wanted, last);
        Repetition repetition = run.repeat(
                commands,
                "--config",
                run.directory().configFile().toString(),
                "--out",
                place.run().toString(),
                "--stop-after",
                String.valueOf(wanted),
                "--checkpoint-minutes",
                "0");
        boolean ran =
                List.of(ExitCode.DONE, ExitCode.INTERRUPTED, ExitCode.DIVERGED).contains(repetition.code());
        if (!ran) {
            throw new IOException("the run cannot be repeated: " + repetition.lastLine());
        }
        List<JsonNode> again = MetricsComparison.read(place.run().resolve("metrics.jsonl"));
        // In control a rollout has many steps, and is finished.
        long reached = again.isEmpty() ? wanted : Math.max(wanted, MetricsComparison.step(again.get(again.size() - 1)));
        Optional<MetricsComparison.Difference> difference = MetricsComparison.first(lines, again, reached);
        List<String> platform = platform(run, Json.read(place.run().resolve("provenance.json")));
        return told(difference.map(Object::toString).stream().toList(), again.size(), reached, platform);
    }

    private int told(List<String> differences, int lines, long reached, List<String> platform) {
        differences.forEach(difference -> terminal.result("%s", difference));
        platform.forEach(fact -> terminal.result("%s", fact));
        if (differences.isEmpty()) {
            terminal.result("equal: %d lines of metrics, up to step %d", lines, reached);
        }
        if (json) {
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("equal", differences.isEmpty());
            figures.put("lines", lines);
            figures.put("steps", reached);
            figures.put("differences", differences);
            figures.put("platform", platform);
            terminal.json(figures);
        }
        return differences.isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
    }

    /** A run that went on with other settings was begun with some that nobody wrote down. */
    private static List<String> changedSettings(RecordedRun run) {
        List<String> changed = new ArrayList<>();
        for (JsonNode resumption : run.provenance().path("resumed")) {
            for (JsonNode difference : resumption.path("changed")) {
                changed.add("the run went on at step " + resumption.path("step").asLong() + " with another "
                        + difference.path("key").asText() + " ("
                        + difference.path("before").asText() + ", then "
                        + difference.path("now").asText() + "): its first steps are not those of its settings");
            }
        }
        return changed;
    }

    private static List<String> changedFiles(RecordedRun run) throws IOException {
        List<String> changed = new ArrayList<>();
        for (JsonNode file : run.files().toList()) {
            Path at = Path.of(file.path("path").asText());
            if (!Files.exists(at)) {
                changed.add(at + " is not there any more, and the run was made from it");
            } else if (!Storage.sha256(at).equals(file.path("sha256").asText())) {
                changed.add(at + " is not what the run was made from: its SHA-256 is another");
            }
        }
        return changed;
    }

    /** What of the machine and the program is not as it was. */
    private static List<String> platform(RecordedRun run, JsonNode now) {
        List<String> facts = new ArrayList<>();
        for (String group : List.of("platform", "rlhf4j")) {
            JsonNode before = run.provenance().path(group);
            before.fieldNames().forEachRemaining(name -> {
                String was = before.path(name).asText();
                String is = now.path(group).path(name).asText();
                if (!was.equals(is)) {
                    facts.add("computed elsewhere: " + group + "." + name + " was " + was + ", is " + is);
                }
            });
        }
        return facts;
    }
}
