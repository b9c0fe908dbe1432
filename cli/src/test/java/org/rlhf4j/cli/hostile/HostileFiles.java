package org.rlhf4j.cli.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.CommandRun;
import org.rlhf4j.cli.Main;
import org.rlhf4j.testing.JavaProcess;

/**
 * The files of a test, and commands on them.
 *
 * @param directory where they lie
 */
record HostileFiles(Path directory) {
    /** The arguments of a command; what follows an {@code @} is a file of the directory. */
    String[] words(String command) {
        return Arrays.stream(command.split(" "))
                .map(word -> word.replaceFirst("^@", directory + "/"))
                .toArray(String[]::new);
    }

    /** Runs a command in this process. */
    CommandRun run(String command) {
        return CommandRun.of((Object[]) words(command));
    }

    /** Runs a command in a process of its own, whose streams are one. */
    CommandRun run(JavaProcess process, String command) {
        JavaProcess.Result result = process.run(Main.class, words(command));
        return new CommandRun(result.exitCode(), "", result.output());
    }

    /** Runs a command that ends as the page says, and changes no file that was there before. */
    CommandRun shows(String key, String command) {
        return shows(key, command, UnaryOperator.identity());
    }

    /** As {@link #shows(String, String)}; what differs from machine to machine is changed first. */
    CommandRun shows(String key, String command, UnaryOperator<String> change) {
        TreeMap<Path, String> before = content();
        CommandRun made = run(command);
        CommandRun run = new CommandRun(made.code(), change.apply(made.out()), change.apply(made.err()));
        HostileCase.of(key).isShownBy(run, directory);
        TreeMap<Path, String> after = content();
        assertThat(after).as(key).containsAllEntriesOf(before);
        if (run.code() == 1 || run.code() == 2) {
            after.keySet().removeAll(before.keySet());
            assertThat(after.keySet())
                    .as("%s leaves no result", key)
                    .noneMatch(file ->
                            file.toString().contains("out") || file.toString().contains("model/"));
        }
        return run;
    }

    /** The SHA-256 of each file below the directory. */
    private TreeMap<Path, String> content() {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .collect(Collectors.toMap(directory::relativize, HostileFiles::digest, (a, b) -> a, TreeMap::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String digest(Path file) {
        try {
            return Storage.sha256(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path write(String name, String text) {
        return write(name, text.getBytes(StandardCharsets.UTF_8));
    }

    Path write(String name, byte[] bytes) {
        try {
            Path file = directory.resolve(name);
            Files.createDirectories(file.resolveSibling(""));
            return Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    byte[] read(String name) {
        try {
            return Files.readAllBytes(directory.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Pairs that are as they should be. */
    static String pairs(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "{\"prompt\":\"Question " + i + "?\",\"chosen\":\"good\",\"rejected\":\"bad\"}\n")
                .collect(Collectors.joining());
    }

    /** Pairs with a row in the second place. */
    Path withRow(String name, String row) {
        return write(name, pairs(1) + row + "\n" + pairs(1));
    }

    static byte[] gzip(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** A fresh language model of 134 thousand parameters. */
    Path model(String name) {
        CommandRun run = run("model create --preset tiny --seed 3 --out @" + name);
        assertThat(run.code()).as(run.err()).isZero();
        return directory.resolve(name);
    }
}
