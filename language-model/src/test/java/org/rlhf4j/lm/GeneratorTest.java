package org.rlhf4j.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.generate.FinishReason;
import org.rlhf4j.lm.generate.GeneratedCompletion;
import org.rlhf4j.lm.generate.GenerationConfig;
import org.rlhf4j.lm.generate.GenerationListener;
import org.rlhf4j.lm.generate.Sampling;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.testing.Golden;
import org.rlhf4j.testing.Leaks;

class GeneratorTest {
    private static final List<int[]> PROMPTS = List.of(
            new int[] {1, 5, 9, 3},
            new int[] {7, 60, 1, 0, 0, 8, 2},
            new int[] {4},
            new int[] {33, 21, 50, 12, 9},
            new int[] {1, 5, 9, 3},
            new int[] {44, 2, 17, 58, 31, 6, 6, 25, 13},
            new int[] {12, 40});

    private static final GenerationConfig SAMPLED = GenerationConfig.endingAt(Set.of(2, 18, 30))
            .withMaxNewTokens(24)
            .withSampling(Sampling.atTemperature(0.8))
            .withSeed(11);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path parent;

    private LanguageModel open(String name) {
        return LanguageModel.open(Golden.copyDirectory("models/" + name, parent));
    }

    /** The prompts with ids that the model has: vocabularies of the golden models differ. */
    private static List<int[]> prompts(LanguageModel model) {
        int vocabulary = model.config().sizes().vocabulary();
        return PROMPTS.stream()
                .map(ids -> Arrays.stream(ids).map(id -> id % vocabulary).toArray())
                .toList();
    }

    private static List<GeneratedCompletion> generate(
            LanguageModel model, List<int[]> prompts, GenerationConfig config) {
        return model.generateIds(prompts, config, GenerationListener.NONE);
    }

    /** The log-probabilities found with the cache are those of a pass over the whole sequence: so are the logits. */
    @ParameterizedTest
    @ValueSource(
            strings = {"llama_gqa", "llama3_tied", "llama_linear", "mistral", "qwen2", "qwen2_window", "qwen3_window"})
    void theCacheGivesWhatAWholePassGives(String name) {
        try (LanguageModel model = open(name)) {
            for (double temperature : new double[] {0, 0.8}) {
                List<GeneratedCompletion> done =
                        generate(model, prompts(model), SAMPLED.withSampling(Sampling.atTemperature(temperature)));
                List<EncodedExample> examples =
                        done.stream().map(GeneratedCompletion::example).toList();
                float[][] whole = model.logProbs(examples, temperature == 0 ? 1 : temperature);
                for (int row = 0; row < whole.length; row++) {
                    assertThat(done.get(row).logProbs()).hasSize(whole[row].length);
                    for (int i = 0; i < whole[row].length; i++) {
                        assertThat(done.get(row).logProbs()[i])
                                .isCloseTo(whole[row][i], within(1e-5f * Math.max(1, Math.abs(whole[row][i]))));
                    }
                }
                if (temperature > 0) {
                    long lengths =
                            done.stream().map(c -> c.ids().length).distinct().count();
                    assertThat(lengths).as("rows leave at different steps").isGreaterThan(2);
                }
                if (model.config().window(0).isPresent()) {
                    int window = model.config().window(0).getAsInt();
                    assertThat(examples).anyMatch(example -> example.length() > 2 * window);
                }
            }
        }
    }

    @Test
    void aRowDoesNotDependOnItsBatch() {
        try (LanguageModel model = open("llama_gqa")) {
            List<GeneratedCompletion> together = generate(model, PROMPTS, SAMPLED);
            assertThat(together.get(0).ids())
                    .as("a stream of its own")
                    .isNotEqualTo(together.get(4).ids());
            for (int row = 0; row < PROMPTS.size(); row++) {
                List<GeneratedCompletion> alone = generate(model, List.of(PROMPTS.get(row)), SAMPLED.withFirstRow(row));
                assertThat(alone.get(0).ids()).isEqualTo(together.get(row).ids());
                assertThat(alone.get(0).finish()).isEqualTo(together.get(row).finish());
            }
            assertThat(ids(generate(model, PROMPTS, SAMPLED.withBatchTokens(60))))
                    .isDeepEqualTo(ids(together));
            assertThat(ids(generate(model, PROMPTS, SAMPLED.withSeed(12)))).isNotEqualTo(ids(together));
        }
    }

    /** One row is within the context of pre-training and one beyond it, where positions turn otherwise. */
    @Test
    void aRowIsTurnedByItsOwnLength() {
        try (LanguageModel model = open("phi3_longrope")) {
            List<int[]> prompts = List.of(
                    IntStream.range(0, 10).map(i -> 3 + i).toArray(),
                    IntStream.range(0, 70).map(i -> 3 + i % 16).toArray());
            GenerationConfig config = GenerationConfig.endingAt(Set.of()).withMaxNewTokens(30);
            List<GeneratedCompletion> together = generate(model, prompts, config);
            for (int row = 0; row < 2; row++) {
                List<GeneratedCompletion> alone = generate(model, List.of(prompts.get(row)), config.withFirstRow(row));
                assertThat(alone.get(0).ids()).isEqualTo(together.get(row).ids());
            }
            int[] near = IntStream.range(0, 50).map(i -> 3 + i % 16).toArray();
            assertThatThrownBy(() -> generate(model, List.of(near), config))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining(
                            "30 more lead beyond the 64 of pre-training, where longrope positions change");
        }
    }

    private static int[][] ids(List<GeneratedCompletion> completions) {
        return completions.stream().map(GeneratedCompletion::ids).toArray(int[][]::new);
    }

    @Test
    void greedyCompletionsAreThoseOfTransformers() {
        JsonNode golden = Golden.json("generate/greedy");
        Map<String, List<JsonNode>> byModel = new TreeMap<>();
        for (JsonNode each : Golden.cases("generate/greedy", "cases")) {
            byModel.computeIfAbsent(each.get("model").textValue(), name -> new ArrayList<>())
                    .add(each);
        }
        byModel.forEach((name, cases) -> {
            try (LanguageModel model = open(name)) {
                for (double penalty : new double[] {1, 1.3}) {
                    List<JsonNode> rows = cases.stream()
                            .filter(each -> each.get("repetition_penalty").doubleValue() == penalty)
                            .toList();
                    GenerationConfig config = GenerationConfig.endingAt(
                                    Set.of(golden.get("eos").intValue()))
                            .withMaxNewTokens(golden.get("new_tokens").intValue())
                            .withSampling(new Sampling(0, 0, 1, 0, penalty));
                    List<int[]> prompts = rows.stream()
                            .map(row -> Golden.ints(row.get("prompt")))
                            .toList();
                    int[][] expected = rows.stream()
                            .map(row -> Golden.ints(row.get("ids")))
                            .toArray(int[][]::new);
                    assertThat(ids(generate(model, prompts, config)))
                            .as("%s, penalty %s", name, penalty)
                            .isDeepEqualTo(expected);
                }
            }
        });
    }

    @Test
    void aCompletionEndsAtTheContext() {
        try (LanguageModel model = open("llama_gqa")) {
            int[] prompt = IntStream.range(0, 60).toArray();
            GeneratedCompletion done = generate(model, List.of(prompt), GenerationConfig.endingAt(Set.of()))
                    .get(0);
            assertThat(done.ids()).hasSize(4);
            assertThat(done.finish()).isEqualTo(FinishReason.LENGTH);
        }
    }

    @Test
    void nothingLeaks() {
        try (LanguageModel model = open("llama_gqa")) {
            for (var manager : List.of(model.parameters().manager(), Torch.manager())) {
                Leaks.assertNone(manager, 2, 4, () -> generate(model, PROMPTS, SAMPLED));
            }
        }
    }

    @Test
    void shuffledPromptsGiveShuffledGreedyCompletions() {
        try (LanguageModel model = open("mistral")) {
            GenerationConfig greedy = SAMPLED.withSampling(Sampling.GREEDY);
            int[][] inOrder = ids(generate(model, prompts(model), greedy));
            List<int[]> shuffled = new ArrayList<>(prompts(model));
            Collections.reverse(shuffled);
            int[][] reversed = ids(generate(model, shuffled, greedy));
            for (int row = 0; row < inOrder.length; row++) {
                assertThat(Arrays.equals(inOrder[row], reversed[inOrder.length - 1 - row]))
                        .isTrue();
            }
        }
    }
}
