package org.rlhf4j.cli.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlhf4j.control.registry.Environments;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.ppo.control.ControlConfig;

class RecipesTest {
    private static final Path RECIPES =
            Path.of(System.getProperty("rlhf4j.root", "..")).resolve("recipes");

    static List<Path> recipes() throws IOException {
        try (Stream<Path> files = Files.list(RECIPES)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    private static ControlConfig read(Path recipe) {
        String env = ControlSettings.reader().file(recipe).read().env();
        return ControlSettings.reader(Environments.make(env).actionSpace())
                .file(recipe)
                .read();
    }

    @Test
    void everyEnvironmentHasOneRecipe() throws IOException {
        assertThat(recipes().stream().map(recipe -> read(recipe).env()))
                .containsExactlyInAnyOrderElementsOf(Environments.ids());
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void aRecipeSaysItsCommandAndWhatToExpect(Path recipe) throws IOException {
        String text = Files.readString(recipe);
        ControlConfig config = read(recipe);
        assertThat(text)
                .startsWith("# " + config.env() + " by PPO.\n")
                .contains("./rlhf control train --config recipes/" + recipe.getFileName() + " --out runs/")
                .containsPattern("# Expected:  -?\\d+\\.\\d \\(")
                .containsPattern("# Published: -?\\d")
                .contains("# Settings:  ");
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void aRecipeFits(Path recipe) throws IOException {
        ControlConfig config = read(recipe);
        int rows = config.rolloutSteps();
        int minibatches = config.ppo().numMinibatches();
        assertThat(rows % minibatches).as("mini-batches are of one size").isZero();
        assertThat(Files.readString(recipe))
                .contains("numMinibatches: " + minibatches + "  # " + rows / minibatches + " steps each");
        boolean continuous = Environments.make(config.env()).actionSpace() instanceof Box;
        assertThat(config.policy().exploration() != null).isEqualTo(continuous);
    }
}
