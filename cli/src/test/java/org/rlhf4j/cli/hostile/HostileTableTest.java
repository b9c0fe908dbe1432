package org.rlhf4j.cli.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of hostile cases is whole, and each line of it is one that a test sees. */
class HostileTableTest {
    private static final List<HostileCase> CASES = HostileCase.all();

    @Test
    void keysAreInOrderAndStandOnce() {
        assertThat(CASES.stream()
                        .map(each -> Integer.parseInt(each.key().replaceAll("[a-z]", "")))
                        .distinct())
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 50).boxed().toList());
        assertThat(CASES)
                .extracting(HostileCase::key)
                .doesNotHaveDuplicates()
                .isSortedAccordingTo(
                        (a, b) -> ("0" + a).substring(a.length() - 2).compareTo(("0" + b).substring(b.length() - 2)));
    }

    @Test
    void everyTestThatIsNamedExistsAndTheFirstOneTakesItsLineFromThePage() throws IOException {
        Map<String, String> sources = sources();
        for (HostileCase each : CASES) {
            for (String test : each.tests()) {
                String[] name = test.split("\\.", 2);
                assertThat(sources).as(test).containsKey(name[0]);
                assertThat(name.length == 1 || sources.getOrDefault(name[0], "").contains("void " + name[1] + "("))
                        .as("%s of case %s exists", test, each.key())
                        .isTrue();
            }
            String first = each.tests().get(0);
            String source = sources.getOrDefault(first.substring(0, first.indexOf('.')), "");
            int start = source.indexOf("void " + first.substring(first.indexOf('.') + 1) + "(");
            int end = source.indexOf("\n    }", start);
            assertThat(source.substring(start, end))
                    .as("%s asks for case %s", first, each.key())
                    .contains("\"" + each.key() + "\"");
        }
    }

    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        try (Stream<Path> rooms = Files.list(HostileCase.ROOT)) {
            for (Path tests : rooms.map(room -> room.resolve("src/test/java"))
                    .filter(Files::isDirectory)
                    .toList()) {
                try (Stream<Path> files = Files.walk(tests)) {
                    for (Path file : files.filter(each -> each.toString().endsWith("Test.java"))
                            .toList()) {
                        String name = file.getFileName().toString();
                        sources.put(name.substring(0, name.length() - ".java".length()), Files.readString(file));
                    }
                }
            }
        }
        return sources;
    }
}
