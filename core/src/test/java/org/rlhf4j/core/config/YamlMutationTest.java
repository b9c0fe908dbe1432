package org.rlhf4j.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlhf4j.core.train.TrainingConfig;
import org.rlhf4j.testing.Draws;
import org.rlhf4j.testing.Property;

/** Random damage to a good settings file: it is read, or refused by the one typed exception. */
final class YamlMutationTest {
    private static final List<String> PIECES = List.of(
            "\n",
            "  ",
            "\t",
            ":",
            "- ",
            "[",
            "]",
            "{",
            "}",
            "&a",
            "*a",
            "!!",
            "|",
            ">",
            "'",
            "\"",
            "#",
            "%",
            "@",
            "`",
            "---",
            "...",
            "? ",
            "<<: ",
            "null",
            "1e9",
            "\u0000",
            "\uFEFF",
            "\u2028",
            "\uD83D\uDE00");

    @Test
    void mutationsAreReadOrRefusedByType() {
        String good = ConfigReader.toYaml(TrainingConfig.defaults(1e-4));
        int[] outcomes = new int[2];
        Property.forAll(5000, draws -> mutate(good, draws), yaml -> {
            try {
                ConfigNode node = YamlTree.parse(yaml, line -> "run.yaml:" + line);
                if (node instanceof ConfigNode.Group group) {
                    RecordBinder.bind(TrainingConfig.class, group);
                }
                outcomes[0]++;
            } catch (ConfigException e) {
                assertThat(String.valueOf(e.getMessage())).doesNotContain("\n");
                outcomes[1]++;
            }
        });
        // Both happen: some pieces land in white space, most break something.
        assertThat(outcomes[0]).isGreaterThan(30);
        assertThat(outcomes[1]).isGreaterThan(500);
    }

    private static String mutate(String yaml, Draws draws) {
        StringBuilder mutated = new StringBuilder(yaml);
        for (String piece : draws.list(1, 2, d -> d.pick(PIECES))) {
            int at = draws.between(0, mutated.length());
            int end = Math.min(mutated.length(), at + draws.between(0, 2));
            mutated.replace(at, end, piece);
        }
        return mutated.toString();
    }
}
