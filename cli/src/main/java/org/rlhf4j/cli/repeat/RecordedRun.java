package org.rlhf4j.cli.repeat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.console.Commands;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.cli.train.StandingOptions;
import org.rlhf4j.core.run.RunDirectory;

/**
 * What a run directory says of the command that made it.
 *
 * @param directory that of the run
 * @param provenance the content of its {@code provenance.json}
 */
record RecordedRun(RunDirectory directory, JsonNode provenance) {
    /** The command that was run again, and what it said. */
    record Repetition(int code, String errors) {
        /** Its last word, which says what went wrong. */
        String lastLine() {
            List<String> lines = errors.lines().toList();
            return lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1);
        }
    }

    /**
     * Opens one.
     *
     * @throws UsageException if it is no run directory, or its paths are meant from another directory than this
     */
    static RecordedRun open(Path path) {
        RunDirectory directory = new RunDirectoryAt(path).open();
        if (!Files.isRegularFile(directory.provenanceFile())) {
            throw new UsageException(path + " has no provenance.json: nobody knows what it was made from");
        }
        RecordedRun run = new RecordedRun(directory, Json.read(directory.provenanceFile()));
        run.requireHere();
        return run;
    }

    /** Puts the checked exception of opening into the words of the command line. */
    private record RunDirectoryAt(Path path) {
        RunDirectory open() {
            try {
                return RunDirectory.open(Storage.disk(), path);
            } catch (IOException e) {
                throw new UsageException(path + " is no run directory: it has no config.yaml");
            }
        }
    }

    private void requireHere() {
        Path there = Path.of(provenance.path("directory").asText());
        boolean relative =
                files().anyMatch(file -> !Path.of(file.path("path").asText()).isAbsolute());
        if (relative && !there.equals(Path.of("").toAbsolutePath())) {
            throw new UsageException("the paths of the run are meant from " + there + ": run this command there");
        }
    }

    /** The data and the start model, as they were read: path, bytes and SHA-256 of each file. */
    Stream<JsonNode> files() {
        return Stream.of("data", "model").flatMap(group -> {
            List<JsonNode> files = new ArrayList<>();
            provenance.path(group).forEach(files::add);
            return files.stream();
        });
    }

    /** The command, such as {@code sft train}, without its options. */
    List<String> command() {
        return words().stream()
                .dropWhile(word -> word.startsWith("-"))
                .takeWhile(word -> !word.startsWith("-"))
                .toList();
    }

    private List<String> words() {
        List<String> words = new ArrayList<>();
        provenance.path("command").forEach(word -> words.add(word.asText()));
        return words;
    }

    /**
     * Runs the command again.
     *
     * @param more options behind those of the run that no setting stands for
     */
    Repetition repeat(Commands commands, String... more) {
        List<String> args = new ArrayList<>(command());
        if (!List.of(more).contains("--resume")) {
            // A run that goes on takes them over by itself.
            args.addAll(StandingOptions.in(words(), StandingOptions.SURROUNDINGS));
        }
        args.addAll(List.of(more));
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        Terminal quiet = new Terminal(
                new ByteArrayInputStream(new byte[0]),
                new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8),
                new PrintStream(errors, true, StandardCharsets.UTF_8),
                false);
        int code = commands.run(quiet, args.toArray(String[]::new));
        return new Repetition(code, errors.toString(StandardCharsets.UTF_8));
    }
}
