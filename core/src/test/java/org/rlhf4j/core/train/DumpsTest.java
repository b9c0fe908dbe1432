package org.rlhf4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rlhf4j.core.train.Settings.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.checkpoint.CheckpointHook;
import org.rlhf4j.core.checkpoint.CheckpointStore;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.optim.NonFiniteException;
import org.rlhf4j.core.run.RunDirectory;

/** Steps whose numbers are not finite are kept, and can be repeated. */
class DumpsTest {
    @TempDir
    private Path directory;

    private final List<String> notes = new ArrayList<>();

    private RunHooks hooks() throws IOException {
        Path run = directory.resolve("run");
        if (!Files.exists(run)) {
            RunDirectory.create(Storage.disk(), run).writeConfig(settings(1).build());
        }
        return RunHooks.NONE.badSteps(RunDirectory.open(Storage.disk(), run).dumps(notes::add));
    }

    private static Settings settings(int maxBadSteps) {
        return config().maxSteps(16).batch(2, 1).logging(1).maxBadSteps(maxBadSteps);
    }

    private List<Path> dumps() throws IOException {
        try (Stream<Path> entries = Files.list(directory.resolve("run/dumps"))) {
            return entries.sorted().toList();
        }
    }

    private static JsonNode problem(Path dump) {
        return Json.read(dump.resolve("problem.json"));
    }

    @Test
    void aBadStepIsKeptWithTheRowThatIsToBlame() throws IOException {
        try (LinearRegression task = new LinearRegression(8, 10)) {
            task.poison(5);
            TrainingLoop loop =
                    new TrainingLoop(task, task.parameters, settings(0).build());
            assertThatThrownBy(() -> loop.run(hooks())).isInstanceOfSatisfying(NonFiniteException.class, e -> {
                Path dump = directory.resolve("run/dumps/" + CheckpointStore.name(e.step()));
                assertThat(notes).containsExactly("the bad step is kept; repeat it with: rlhf replay " + dump);
                JsonNode problem = problem(dump);
                assertThat(problem.path("step").asLong()).isEqualTo(e.step());
                assertThat(problem.path("tensor").asText()).isEqualTo("loss");
                assertThat(problem.path("message").asText()).isEqualTo(e.getMessage());
                assertThat(problem.path("rows")).hasSize(1);
                assertThat(problem.path("rows").get(0).asText()).isEqualTo("rows.jsonl:6");
                assertThat(CheckpointStore.open(dump).step()).isEqualTo(e.step() - 1);
                // Of the two rows of the batch one alone is bad too.
                List<JsonNode> alone = StreamSupport.stream(
                                problem.path("alone").spliterator(), false)
                        .toList();
                assertThat(alone).hasSize(2);
                assertThat(alone.stream()
                                .filter(row -> row.path("loss").asText().equals("NaN")))
                        .extracting(row -> row.path("row").asText())
                        .containsExactly("rows.jsonl:6");
                assertThat(alone.stream().filter(row -> row.path("loss").isNumber()))
                        .hasSize(1)
                        .allMatch(row -> row.path("grad_norm").doubleValue() > 0);
                assertThat(problem.path("gradients").path("not_finite")).hasSize(2);
                assertThat(problem.path("weights").path("not_finite")).isEmpty();
                assertThat(problem.path("weights")
                                .path("largest_norms")
                                .path("w")
                                .doubleValue())
                        .isEqualTo(norm(task.weights()));
            });
        }
    }

    private static double norm(float[] values) {
        double squares = 0;
        for (float value : values) {
            squares += (double) value * value;
        }
        return Math.sqrt(squares);
    }

    @Test
    void aDumpDoesNotChangeTheRun() throws IOException {
        float[][] weights = new float[2][];
        for (int i = 0; i < 2; i++) {
            try (LinearRegression task = new LinearRegression(8, 10)) {
                task.poisonGradient(5);
                TrainingLoop loop =
                        new TrainingLoop(task, task.parameters, settings(1).build());
                loop.run(i == 0 ? hooks() : RunHooks.NONE);
                weights[i] = task.weights();
            }
        }
        assertThat(weights[0]).isEqualTo(weights[1]);
        // Four epochs have four bad steps; three are kept.
        assertThat(dumps()).hasSize(3);
        assertThat(problem(dumps().get(0)).path("tensor").asText()).isIn("w", "b");
    }

    @Test
    void fromADumpTheStepIsRepeatedWithItsProblem() throws IOException {
        try (LinearRegression task = new LinearRegression(8, 10)) {
            task.poison(5);
            assertThatThrownBy(() ->
                            new TrainingLoop(task, task.parameters, settings(0).build()).run(hooks()))
                    .isInstanceOf(NonFiniteException.class);
        }
        Path dump = dumps().get(0);
        String message = problem(dump).path("message").asText();
        for (boolean healed : new boolean[] {false, true}) {
            try (LinearRegression again = new LinearRegression(8, 10)) {
                if (!healed) {
                    again.poison(5);
                }
                StateReader state = CheckpointStore.open(dump);
                RunHooks from = RunHooks.NONE.stopWhen(afterOneStep()).checkpoints(new CheckpointHook() {
                    @Override
                    public Optional<StateReader> resumed() {
                        return Optional.of(state);
                    }
                });
                TrainingLoop loop =
                        new TrainingLoop(again, again.parameters, settings(0).build());
                if (healed) {
                    assertThat(loop.run(from).steps()).isEqualTo(state.step() + 1);
                } else {
                    assertThatThrownBy(() -> loop.run(from)).hasMessage(message);
                }
            }
        }
    }

    /** Asked before the first step, and after each. */
    private static BooleanSupplier afterOneStep() {
        int[] asked = {0};
        return () -> ++asked[0] > 1;
    }

    @Test
    void aDumpThatIsThereStaysAsItIs() throws IOException {
        for (int i = 0; i < 2; i++) {
            try (LinearRegression task = new LinearRegression(8, 10)) {
                task.poison(5);
                assertThatThrownBy(() -> new TrainingLoop(
                                        task, task.parameters, settings(0).build())
                                .run(hooks()))
                        .isInstanceOf(NonFiniteException.class);
                if (i == 0) {
                    Files.writeString(dumps().get(0).resolve("problem.json"), "mine");
                }
            }
        }
        assertThat(dumps()).hasSize(1);
        assertThat(dumps().get(0).resolve("problem.json")).hasContent("mine");
        assertThat(notes).hasSize(2).containsOnly(notes.get(0));
    }
}
