package org.rlhf4j.lm;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.testing.Golden;

class EncoderGradientTest {
    /** One family of each kind of attention; 66 tokens take the fused one. */
    @ParameterizedTest
    @CsvSource({"bert, LEFT, 4", "deberta_v3, RIGHT, 4", "deberta_v2, RIGHT, 66", "modernbert, LEFT, 9"})
    void everyDerivativeIsThatOfFiniteDifferences(String name, PaddedBatch.Side side, int longest) {
        EncoderConfig config = EncoderConfig.of(Golden.json("encoders/" + name + "/config"), "config.json");
        PaddedBatch batch = PaddedBatch.of(rows(longest, 3), side, 0);
        try (Parameters weights = weights(config)) {
            Torch.run(() -> DecoderGradientTest.requireDerivatives(config.scorer(weights), weights, batch, 400));
        }
    }

    private static Parameters weights(EncoderConfig config) {
        return Torch.call(() -> {
            Parameters weights = new Parameters();
            for (Map<String, Shape> part : List.of(config.backboneTensors(), config.headTensors(Head.SCALAR))) {
                part.forEach((name, shape) -> {
                    SeededStream stream = SeededStream.of(11, name);
                    double[] values = new double[Math.toIntExact(shape.size())];
                    boolean norm = name.endsWith("orm.weight");
                    for (int i = 0; i < values.length; i++) {
                        values[i] = 0.3 * stream.nextGaussian() + (norm ? 1.0 : 0.0);
                    }
                    weights.put(name, weights.manager().create(values, shape));
                });
            }
            return weights;
        });
    }

    /** Rows that have every token and both token types among them, and positions up to their length. */
    private static List<EncodedExample> rows(int... lengths) {
        List<EncodedExample> rows = new ArrayList<>();
        for (int length : lengths) {
            int[] ids = new int[length];
            for (int i = 0; i < length; i++) {
                ids[i] = (7 * i + length) % 23;
            }
            rows.add(new EncodedExample(ids, length / 2));
        }
        return rows;
    }
}
