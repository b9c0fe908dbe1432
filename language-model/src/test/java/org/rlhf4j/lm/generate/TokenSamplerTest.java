package org.rlhf4j.lm.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.generate.TokenSampler.Choice;
import org.rlhf4j.testing.Golden;

class TokenSamplerTest {
    private static final float[] LOGITS = {1.5f, -0.5f, 0f, 2f, -3f, 0.25f};

    private static Sampling sampling(JsonNode json) {
        return new Sampling(
                json.get("temperature").doubleValue(),
                json.get("top_k").intValue(),
                json.get("top_p").doubleValue(),
                json.get("min_p").doubleValue(),
                json.get("repetition_penalty").doubleValue());
    }

    private static NDArray array(float[] values, int rows) {
        return HostCopy.create(Torch.manager(), new Shape(rows, values.length / rows), values);
    }

    @Test
    void logitsAreProcessedAsTransformersProcessesThem() {
        JsonNode golden = Golden.json("generate/processed");
        int[][] seen = Golden.intRows(golden.get("seen"));
        for (JsonNode each : Golden.cases("generate/processed", "cases")) {
            Sampling sampling = sampling(each.get("sampling"));
            float[] actual = Torch.call(() -> Scope.call(() -> {
                NDArray logits = array(Golden.floats(golden.get("logits")), seen.length);
                return HostCopy.toFloats(new TokenSampler(sampling).processed(logits, row -> seen[row]));
            }));
            assertThat(actual).as("%s", sampling).isEqualTo(Golden.floats(each.get("logits")));
        }
    }

    /** Histories differ in length within a batch; the shorter ones are not padded with anything that counts. */
    @Test
    void thePenaltyLooksAtARowsOwnHistory() {
        Sampling sampling = new Sampling(1, 0, 1, 0, 2);
        int[][] seen = {{3}, {0, 1, 1, 4}};
        float[] twice = Arrays.copyOf(LOGITS, 12);
        System.arraycopy(LOGITS, 0, twice, 6, 6);
        float[] processed = Torch.call(() -> Scope.call(
                () -> HostCopy.toFloats(new TokenSampler(sampling).processed(array(twice, 2), row -> seen[row]))));
        assertThat(processed).containsExactly(1.5f, -0.5f, 0f, 1f, -3f, 0.25f, 0.75f, -1f, 0f, 2f, -6f, 0.25f);
    }

    private static Choice choose(Sampling sampling, float[] logits, double... uniform) {
        float[] rows = new float[logits.length * uniform.length];
        for (int i = 0; i < uniform.length; i++) {
            System.arraycopy(logits, 0, rows, i * logits.length, logits.length);
        }
        return Torch.call(() -> Scope.call(() -> new TokenSampler(sampling)
                .choose(array(rows, uniform.length), row -> new int[] {3}, row -> uniform[row])));
    }

    private static double[] logSoftmax(float[] logits, double temperature) {
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit / temperature);
        }
        double[] values = new double[logits.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = logits[i] / temperature - Math.log(sum);
        }
        return values;
    }

    @Test
    void greedyTakesTheBestAndTellsItsProbabilityUnderTheModelItself() {
        Choice plain = choose(Sampling.GREEDY, LOGITS, 0.9);
        assertThat(plain.ids()).containsExactly(3);
        assertThat((double) plain.logProbs()[0]).isCloseTo(logSoftmax(LOGITS, 1)[3], within(1e-6));
        Choice penalised = choose(new Sampling(0, 0, 1, 0, 4), LOGITS, 0.9);
        assertThat(penalised.ids()).as("3 was there before").containsExactly(0);
        assertThat((double) penalised.logProbs()[0]).isCloseTo(logSoftmax(LOGITS, 1)[0], within(1e-6));
    }

    @Test
    void theFirstOfEquallyGoodTokensIsTaken() {
        assertThat(choose(Sampling.GREEDY, new float[] {0, 2, 1, 2}, 0).ids()).containsExactly(1);
    }

    /** Token i comes for uniform numbers from the sum of the probabilities before it to that sum plus its own. */
    @Test
    void theCumulativeDistributionIsInverted() {
        double[] logProbs = logSoftmax(LOGITS, 0.5);
        double from = 0;
        for (int i = 0; i < LOGITS.length; i++) {
            double to = from + Math.exp(logProbs[i]);
            Choice ends = choose(Sampling.atTemperature(0.5), LOGITS, from + 1e-6, to - 1e-6);
            assertThat(ends.ids()).containsExactly(i, i);
            assertThat((double) ends.logProbs()[0]).isCloseTo(logProbs[i], within(1e-5));
            from = to;
        }
    }

    @Test
    void theEndsOfTheUniformRangeGiveTokensThatCanCome() {
        float[] logits = {-200f, 1f, 0f, -200f};
        Choice ends = choose(Sampling.atTemperature(1), logits, 0, 0x1.fffffffffffffp-1);
        assertThat(ends.ids()).containsExactly(1, 2);
        Choice filtered = choose(new Sampling(1, 2, 1, 0, 1), LOGITS, 0, 0x1.fffffffffffffp-1);
        assertThat(filtered.ids()).containsExactly(0, 3);
    }

    @Test
    void logitsThatAreNoDistributionAreRefused() {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            for (double temperature : new double[] {0, 1}) {
                assertThatThrownBy(() -> choose(Sampling.atTemperature(temperature), new float[] {1, bad, 0}, 0.5))
                        .isInstanceOf(ArithmeticException.class)
                        .hasMessageContaining("NaN or infinite");
            }
        }
    }

    @Test
    void frequenciesAreTheProbabilities() {
        int draws = 20_000;
        double[] uniform = new double[draws];
        SeededStream stream = SeededStream.of(5, "frequencies");
        Arrays.setAll(uniform, i -> stream.nextDouble());
        for (Sampling sampling : new Sampling[] {Sampling.atTemperature(1.5), new Sampling(1, 4, 0.95, 0, 1.2)}) {
            Choice choice = choose(sampling, LOGITS, uniform);
            int[] counts = new int[LOGITS.length];
            double[] probability = new double[LOGITS.length];
            for (int i = 0; i < draws; i++) {
                counts[choice.ids()[i]]++;
                probability[choice.ids()[i]] = Math.exp(choice.logProbs()[i]);
            }
            assertThat(Arrays.stream(probability).sum()).isCloseTo(1, within(1e-5));
            double chiSquare = 0;
            for (int i = 0; i < counts.length; i++) {
                double expected = draws * probability[i];
                chiSquare += expected == 0 ? 0 : (counts[i] - expected) * (counts[i] - expected) / expected;
            }
            // The 99.9th percentile with 5 degrees of freedom.
            assertThat(chiSquare).isLessThan(20.5);
        }
    }
}
