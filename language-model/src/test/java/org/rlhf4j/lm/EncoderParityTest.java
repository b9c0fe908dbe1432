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
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.testing.Golden;

/**
 * The golden encoders give the scores that transformers computes in float64 over the same weights, to 3e-6 of the largest,
 * each row alone and in batches with padding on either side.
 */
class EncoderParityTest {
    private static final double TOLERANCE = 3e-6;

    static Stream<String> models() {
        List<String> names = new ArrayList<>();
        Golden.json("encoders/index").get("models").fieldNames().forEachRemaining(names::add);
        return names.stream();
    }

    @Test
    void everyFamilyIsTested() {
        List<String> tested = models().map(name -> Golden.json("encoders/" + name + "/config")
                        .get("model_type")
                        .textValue())
                .distinct()
                .toList();
        assertThat(tested).containsExactlyInAnyOrderElementsOf(EncoderFamily.known());
    }

    @ParameterizedTest
    @MethodSource("models")
    void scoresAreThoseOfTransformers(String name, @TempDir Path parent, TestReporter reporter) {
        Path directory = Golden.copyDirectory("encoders/" + name, parent);
        try (Checkpoint checkpoint = Checkpoint.open(directory);
                Parameters weights = checkpoint.load()) {
            assertThat(checkpoint.head()).isEqualTo(Head.SCALAR);
            requireGoldenScores(name, checkpoint.config(), weights, reporter);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void whatIsSavedScoresTheSame(String name, @TempDir Path parent, TestReporter reporter) throws Exception {
        Path saved = parent.resolve("saved");
        try (Checkpoint checkpoint = Checkpoint.open(Golden.copyDirectory("encoders/" + name, parent));
                Parameters weights = checkpoint.load()) {
            Checkpoint.save(
                    Storage.disk(),
                    saved,
                    new Checkpoint.Content(
                            checkpoint.config(),
                            Head.SCALAR,
                            weights,
                            WeightFormat.FLOAT32,
                            checkpoint.carriedFiles(),
                            null));
        }
        try (Checkpoint checkpoint = Checkpoint.open(saved);
                Parameters weights = checkpoint.load()) {
            assertThat(checkpoint.droppedTensors()).isEmpty();
            requireGoldenScores(name, checkpoint.config(), weights, reporter);
        }
    }

    @Test
    void bucketsAreThoseOfTransformers() {
        for (JsonNode table : Golden.json("encoders/buckets").get("tables")) {
            int[] expected = Golden.ints(table.get("bucket"));
            for (int distance = 0; distance < expected.length; distance++) {
                int bucket = RelativePositions.bucket(
                        distance,
                        table.get("buckets").intValue(),
                        table.get("farthest").intValue());
                assertThat(bucket).as(table.get("buckets") + " at " + distance).isEqualTo(expected[distance]);
                assertThat(RelativePositions.bucket(
                                -distance,
                                table.get("buckets").intValue(),
                                table.get("farthest").intValue()))
                        .isEqualTo(-bucket);
            }
        }
    }

    private static void requireGoldenScores(
            String name, PretrainedConfig config, Parameters weights, TestReporter reporter) {
        JsonNode golden = Golden.json("encoders/" + name + "/golden");
        double scale = golden.get("scale").doubleValue();
        double worst = 0;
        for (JsonNode each : golden.get("cases")) {
            float[] scores = scores(
                    config, weights, batch(each, golden, config.padTokenId().orElseThrow()));
            for (int row = 0; row < scores.length; row++) {
                double expected = golden.get("scores")
                        .get(each.get("rows").get(row).intValue())
                        .doubleValue();
                worst = Math.max(worst, Math.abs(scores[row] - expected));
            }
        }
        reporter.publishEntry(name, String.format(Locale.ROOT, "%.2e of the largest", worst / scale));
        assertThat(worst).isLessThanOrEqualTo(TOLERANCE * scale);
    }

    static float[] scores(PretrainedConfig config, Parameters weights, PaddedBatch batch) {
        return Torch.call(
                () -> Scope.call(() -> HostCopy.toFloats(config.scorer(weights).scores(batch))));
    }

    private static PaddedBatch batch(JsonNode each, JsonNode golden, int padId) {
        List<EncodedExample> rows = new ArrayList<>();
        for (JsonNode row : each.get("rows")) {
            int index = row.intValue();
            rows.add(new EncodedExample(
                    Golden.ints(golden.get("sequences").get(index)),
                    golden.get("prompts").get(index).intValue()));
        }
        boolean left = each.get("side").asText().equals("left");
        return PaddedBatch.of(rows, left ? PaddedBatch.Side.LEFT : PaddedBatch.Side.RIGHT, padId);
    }
}
