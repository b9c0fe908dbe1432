package org.rlhf4j.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.Json;
import org.rlhf4j.lm.data.Comparison;
import org.rlhf4j.testing.Golden;

/** Encoders as reward models: text in, scores out, trained and saved. */
class EncoderRewardModelTest {
    private static final double TOLERANCE = 3e-6;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"bert", "roberta", "electra"})
    void textsScoreAsTransformersScoresThePair(String name) {
        JsonNode golden = Golden.json("encoders/" + name + "/golden");
        double scale = golden.get("scale").doubleValue();
        try (RewardModel model = RewardModel.open(Golden.copyDirectory("encoders/" + name, folder))) {
            for (JsonNode each : golden.get("texts")) {
                double score = model.score(
                        each.get("prompt").textValue(), each.get("completion").textValue());
                assertThat(score).isCloseTo(each.get("score").doubleValue(), within(TOLERANCE * scale));
            }
        }
    }

    @Test
    void anEncoderLearnsPairsAndIsSavedWithItsHead() throws Exception {
        Path start = Golden.copyDirectory("encoders/bert", folder);
        Path saved = folder.resolve("saved");
        double[] trained;
        try (RewardModel model = RewardModel.start(start, UnaryOperator.identity(), 1)) {
            List<Comparison> pairs = pairs(model);
            RewardTrainer trainer = new RewardTrainer(model, PairwiseLoss.PLAIN, TinyModels.config(40, 8, 5e-3));
            RewardEvaluation before = RewardEvaluator.evaluate(model, pairs);
            RewardEvaluation after = trainer.train(pairs, pairs).evaluation().orElseThrow();
            assertThat(after.loss()).isLessThan(before.loss() / 4);
            assertThat(after.accuracy()).isEqualTo(1);
            trained = scores(model);
            model.save(saved, after.scale().orElseThrow());
        }
        try (RewardModel model = RewardModel.open(saved)) {
            assertThat(scores(model)).containsExactly(trained);
            assertThat(model.scale()).isPresent();
        }
        assertThat(Files.readString(saved.resolve("rlhf4j.json"))).doesNotContain("last_token");
        JsonNode config = Json.read(saved.resolve("config.json"));
        assertThat(config.get("architectures").get(0).textValue()).isEqualTo("BertForSequenceClassification");
        assertThat(config.get("num_labels").intValue()).isEqualTo(1);
    }

    /** What begins with a is better than what begins with d. */
    private static List<Comparison> pairs(RewardModel model) {
        List<String> ends = List.of("", " b", " c", " ab", " b c", " c c", " d a", " a d");
        return IntStream.range(0, ends.size())
                .<Comparison>mapToObj(i -> Comparison.Pairs.of(
                        "pairs.jsonl:" + (i + 1),
                        model.encoder().encode("c b", "a" + ends.get(i)),
                        model.encoder().encode("c b", "d" + ends.get(i))))
                .toList();
    }

    private static double[] scores(RewardModel model) {
        return new double[] {model.score("c b", "a b"), model.score("c b", "d c a")};
    }
}
