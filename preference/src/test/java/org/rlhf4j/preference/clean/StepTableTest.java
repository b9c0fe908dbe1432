package org.rlhf4j.preference.clean;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.rlhf4j.preference.Row;

class StepTableTest {
    private static final Path DOCUMENT = Path.of("..", "docs", "preference-data.md");

    @Test
    void theDocumentedStepsAndParametersAreThoseOfTheCode() throws IOException {
        List<String> table = Files.readAllLines(DOCUMENT).stream()
                .dropWhile(line -> !line.startsWith("| step |"))
                .takeWhile(line -> line.startsWith("|"))
                .toList();
        assertThat(String.join("\n", table)).isEqualTo(String.join("\n", expected()));
    }

    private static List<String> expected() {
        List<String> lines = new ArrayList<>();
        lines.add("| step | parameter | values | default | meaning |");
        lines.add("|---|---|---|---|---|");
        for (StepType type : StepType.values()) {
            lines.add("| `" + type.label() + "` | | | | " + type.meaning() + kinds(type) + " |");
            for (StepParameter parameter : type.parameters()) {
                Object standard = parameter.standard();
                lines.add("| | `" + parameter.name() + "` | " + parameter.values() + " | "
                        + (standard == null ? "" : "`" + standard + "`") + " | " + parameter.meaning()
                        + (parameter.onlyWith() == null ? "" : " (with `" + parameter.onlyWith() + "`)") + " |");
            }
        }
        return lines;
    }

    private static String kinds(StepType type) {
        if (Arrays.stream(Row.Kind.values()).allMatch(type::takes)) {
            return "";
        }
        return Arrays.stream(Row.Kind.values())
                .filter(type::takes)
                .map(Row.Kind::plural)
                .collect(Collectors.joining(", ", "; takes ", ""));
    }
}
