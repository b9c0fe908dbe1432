package org.rlhf4j.cli.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.rlhf4j.cli.CommandRun;

/**
 * One row of {@code docs/hostile-cases.md}. The page is the fixture: tests take the line that a user sees from it.
 *
 * @param key the number of the case and a letter, such as {@code 17b}
 * @param line what the user sees, on standard error or standard output
 * @param exit the exit code
 * @param tests the tests that show it, the one that saw the line first
 */
record HostileCase(String key, String line, int exit, List<String> tests) {
    static final Path ROOT = Path.of(System.getProperty("rlhf4j.root", ".."));
    private static final Pattern ROW = Pattern.compile("\\| [0-9]{1,2}[a-z] \\|.*");
    private static final Pattern CELLS = Pattern.compile("(?<!\\\\)\\|");

    /** The row of a key. */
    static HostileCase of(String key) {
        List<HostileCase> found =
                all().stream().filter(each -> each.key.equals(key)).toList();
        assertThat(found)
                .as("rows of docs/hostile-cases.md with the key " + key)
                .hasSize(1);
        return found.get(0);
    }

    /** All rows, in the order of the page. */
    static List<HostileCase> all() {
        try (Stream<String> lines = Files.lines(ROOT.resolve("docs/hostile-cases.md"))) {
            return lines.filter(line -> ROW.matcher(line).matches())
                    .map(HostileCase::parse)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static HostileCase parse(String row) {
        List<String> cells = CELLS.splitAsStream(row)
                .skip(1)
                .map(cell -> cell.strip().replace("\\|", "|"))
                .toList();
        assertThat(cells).as(row).hasSize(6);
        return new HostileCase(
                cells.get(0),
                code(cells.get(2)),
                Integer.parseInt(cells.get(3)),
                Arrays.stream(cells.get(5).split(", ")).map(HostileCase::code).toList());
    }

    private static String code(String cell) {
        assertThat(cell).startsWith("`").endsWith("`");
        return cell.substring(1, cell.length() - 1);
    }

    /**
     * Holds that a command ended as the page says.
     *
     * @param run what it did
     * @param directory where the test's files lie; the page shows names as they are seen from there
     */
    void isShownBy(CommandRun run, Path directory) {
        List<String> seen = Stream.concat(run.err().lines(), run.out().lines())
                .map(each -> each.replace(directory + "/", "").strip())
                .toList();
        assertThat(seen).as(key).contains(line);
        assertThat(run.code()).as(key).isEqualTo(exit);
        assertThat(run.err()).as(key).doesNotContain("\tat ");
        if (line.startsWith("rlhf ")) {
            // What a command fails with is the last that it says.
            String last = run.err().lines().reduce("", (first, second) -> second);
            assertThat(last.replace(directory + "/", "")).as(key).isEqualTo(line);
        }
        String test = tests.get(0);
        boolean named = StackWalker.getInstance()
                .walk(frames -> frames.anyMatch(frame ->
                        test.equals(frame.getClassName().replaceAll(".*\\.", "") + "." + frame.getMethodName())));
        assertThat(named).as("%s is shown by %s", key, test).isTrue();
    }
}
