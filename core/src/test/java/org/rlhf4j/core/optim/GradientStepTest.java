package org.rlhf4j.core.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Torch;

class GradientStepTest {
    @Test
    void oneStepOfAdamMovesAWeightByTheLearningRateAgainstItsGradient() {
        Torch.run(() -> {
            Parameters p = new Parameters();
            p.put("w", p.manager().create(new float[] {1, 2}, new Shape(1, 2)));
            p.setAllTrainable(true);
            AdamW adam = new AdamW(p, AdamW.Settings.DEFAULT);
            GradientStep step = new GradientStep(p, adam, Double.POSITIVE_INFINITY);
            double loss = step.accumulate(
                    new int[] {0}, 1, tape -> p.get("w").square().sum());
            assertThat(loss).isEqualTo(5);
            var report = step.update(0.1);
            assertThat(report.gradNorm()).isCloseTo(Math.sqrt(4 + 16), within(1e-9));
            assertThat(p.get("w").toFloatArray()).containsExactly(new float[] {0.9f, 1.9f}, within(1e-6f));
        });
    }
}
