package org.rlhf4j.lm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.testing.Golden;

/**
 * The golden checkpoints give the logits and scores that transformers computes in float64 over the same weights, to 3e-6
 * of the largest, without padding and with padding on either side.
 */
class DecoderParityTest {
    private static final double TOLERANCE = 3e-6;

    static Stream<String> models() {
        List<String> names = new ArrayList<>();
        Golden.json("models/index").get("models").fieldNames().forEachRemaining(names::add);
        return names.stream();
    }

    static Stream<String> languageModels() {
        return models().filter(name -> !name.contains("_rm"));
    }

    static Stream<String> scorers() {
        return models().filter(name -> name.contains("_rm"));
    }

    @Test
    void everyGoldenCheckpointIsTested() {
        assertThat(languageModels()).hasSize(40);
        assertThat(scorers()).hasSize(15);
        for (String family : List.of(
                "llama",
                "smollm2",
                "mistral",
                "qwen2",
                "qwen3",
                "smollm3",
                "gemma",
                "gemma2",
                "gemma3",
                "phi3",
                "olmo2",
                "gpt2",
                "gpt_neox",
                "falcon")) {
            assertThat(languageModels()).as(family).anyMatch(name -> name.startsWith(family));
            assertThat(scorers()).as(family).anyMatch(name -> name.startsWith(family + "_rm"));
        }
    }

    @ParameterizedTest
    @MethodSource("languageModels")
    void logitsAreThoseOfTransformers(String name, @TempDir Path parent, TestReporter reporter) {
        Path directory = Golden.copyDirectory("models/" + name, parent);
        JsonNode golden = Golden.json("models/" + name + "/golden");
        double scale = golden.get("scale").doubleValue();
        try (LanguageModel model = LanguageModel.open(directory)) {
            for (JsonNode each : golden.get("cases")) {
                PaddedBatch batch = batch(each, golden.get("sequences"));
                float[][][] logits = model.logits(batch);
                double worst = 0;
                for (int row = 0; row < batch.rows(); row++) {
                    double[][] expected = Golden.rows(
                            golden.get("logits").get(each.get("rows").get(row).intValue()));
                    assertThat(expected.length).isEqualTo(batch.length(row));
                    for (int i = 0; i < expected.length; i++) {
                        float[] actual = logits[row][batch.start(row) + i];
                        for (int token = 0; token < actual.length; token++) {
                            worst = Math.max(worst, Math.abs(actual[token] - expected[i][token]));
                        }
                    }
                }
                report(reporter, name, each, worst / scale);
                assertThat(worst).as(each.get("side").asText()).isLessThanOrEqualTo(TOLERANCE * scale);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("scorers")
    void scoresAreThoseOfTransformers(String name, @TempDir Path parent, TestReporter reporter) {
        Path directory = Golden.copyDirectory("models/" + name, parent);
        JsonNode golden = Golden.json("models/" + name + "/golden");
        double scale = golden.get("scale").doubleValue();
        try (Checkpoint checkpoint = Checkpoint.open(directory);
                Parameters weights = checkpoint.load()) {
            assertThat(checkpoint.head()).isEqualTo(Head.SCALAR);
            for (JsonNode each : golden.get("cases")) {
                PaddedBatch batch = batch(each, golden.get("sequences"));
                float[] scores = scores(checkpoint.decoderConfig(), weights, batch);
                double worst = 0;
                for (int row = 0; row < scores.length; row++) {
                    double expected = golden.get("scores")
                            .get(each.get("rows").get(row).intValue())
                            .doubleValue();
                    worst = Math.max(worst, Math.abs(scores[row] - expected));
                }
                report(reporter, name, each, worst / scale);
                assertThat(worst).as(each.get("side").asText()).isLessThanOrEqualTo(TOLERANCE * scale);
            }
        }
    }

    static float[] scores(ModelConfig config, Parameters weights, PaddedBatch batch) {
        return Torch.call(() -> Scope.call(() -> {
            SequenceScorer scorer = new SequenceScorer(new Decoder(config, weights), new ScalarHead(weights));
            return HostCopy.toFloats(scorer.scores(batch));
        }));
    }

    /** The batch of a case, which must come out id for id as the golden file has it. */
    private static PaddedBatch batch(JsonNode each, JsonNode sequences) {
        List<EncodedExample> rows = new ArrayList<>();
        each.get("rows").forEach(row -> rows.add(new EncodedExample(Golden.ints(sequences.get(row.intValue())), 1)));
        PaddedBatch.Side side =
                each.get("side").asText().equals("left") ? PaddedBatch.Side.LEFT : PaddedBatch.Side.RIGHT;
        PaddedBatch batch = PaddedBatch.of(rows, side, 0);
        int[][] ids = Golden.intRows(each.get("ids"));
        for (int row = 0; row < ids.length; row++) {
            for (int column = 0; column < ids[row].length; column++) {
                assertThat(batch.ids()[row * batch.width() + column]).isEqualTo(ids[row][column]);
            }
        }
        return batch;
    }

    private static void report(TestReporter reporter, String name, JsonNode each, double relative) {
        String key = name + ", padding " + each.get("side").asText();
        reporter.publishEntry(key, String.format(Locale.ROOT, "%.2e of the largest", relative));
    }
}
