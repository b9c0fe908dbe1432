package org.rlhf4j.core.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rlhf4j.testing.Property;

class StepHealthTest {
    private final List<String> told = new ArrayList<>();

    private StepHealth health(int maxBadSteps) {
        return new StepHealth(maxBadSteps, (step, text) -> told.add(step + ": " + text));
    }

    private static Map<String, Double> metrics(StepHealth health) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        health.addTo(metrics);
        return metrics;
    }

    private static BadStep badLoss(long step) {
        return new BadStep(new NonFiniteException(step, "loss", new int[] {3}), () -> {
            throw new AssertionError("nobody asked");
        });
    }

    @Test
    void aNormAboveTenTimesTheMedianIsToldWithItsFigures() {
        StepHealth health = health(0);
        for (int step = 1; step <= 10; step++) {
            health.made(step, step <= 5 ? 1 : 2);
        }
        assertThat(metrics(health)).isEmpty();
        // The median of five ones and five twos is the lower one, 1: ten times that is the limit. With the ten it is 2.
        health.made(11, 10);
        assertThat(told).isEmpty();
        health.made(12, 21);
        assertThat(told).containsExactly("12: the gradient norm is 21.00, 11 times the median of recent steps, 2.000");
        assertThat(metrics(health)).containsExactly(Map.entry("grad_norm_spikes", 1.0));
    }

    @Test
    void nothingIsASpikeBeforeThereAreTenNorms() {
        StepHealth health = health(0);
        for (int step = 1; step <= 9; step++) {
            health.made(step, 1);
        }
        health.made(10, 1e6);
        assertThat(told).isEmpty();
        health.made(11, 1e6);
        assertThat(told).hasSize(1);
    }

    @Test
    void ofSpikesInARowTheFirstIsToldAndAllAreCounted() {
        StepHealth health = health(0);
        for (int step = 1; step <= 20; step++) {
            health.made(step, 1);
        }
        health.made(21, 50);
        health.made(22, 60);
        health.made(23, 1);
        health.made(24, 70);
        assertThat(told).extracting(text -> text.substring(0, 2)).containsExactly("21", "24");
        assertThat(metrics(health)).containsExactly(Map.entry("grad_norm_spikes", 3.0));
    }

    @Test
    void whereNormsStayHighTheyAreSoonNoSpikes() {
        StepHealth health = health(0);
        for (int step = 1; step <= 100; step++) {
            health.made(step, 1);
        }
        for (int step = 101; step <= 300; step++) {
            health.made(step, 100);
        }
        // Fifty ones of a hundred leave the lower median at 1; with the fifty-first high norm it is 100.
        assertThat(metrics(health)).containsExactly(Map.entry("grad_norm_spikes", 51.0));
        assertThat(told).hasSize(1);
    }

    @Test
    void theMedianIsThatOfTheLastHundred() {
        Property.forAll(50, draws -> draws.list(1, 250, d -> d.between(0.0, 1.0)), norms -> {
            GradientNormWatch watch = new GradientNormWatch();
            for (int i = 0; i < norms.size(); i++) {
                double[] last = norms.subList(Math.max(0, i - 100), i).stream()
                        .mapToDouble(Double::doubleValue)
                        .sorted()
                        .toArray();
                double median = last.length == 0 ? 0 : last[(last.length - 1) / 2];
                boolean spike = i >= 10 && median > 0 && norms.get(i) > 10 * median;
                assertThat(watch.spikeAgainst(norms.get(i))).isEqualTo(spike ? (Double) median : null);
            }
        });
    }

    @Test
    void withoutRoomForBadStepsTheFirstEndsTheRun() {
        BadStep step = badLoss(5);
        assertThatThrownBy(() -> health(0).bad(step)).isSameAs(step.problem());
        assertThat(told).isEmpty();
    }

    @Test
    void isolatedBadStepsAreToldAndCounted() {
        StepHealth health = health(2);
        health.bad(badLoss(5));
        health.bad(badLoss(6));
        health.made(7, 1);
        health.bad(badLoss(8));
        assertThat(told)
                .containsExactly(
                        "5: the loss is not finite (row 3); the step is left out, 1 in a row of at most 2",
                        "6: the loss is not finite (row 3); the step is left out, 2 in a row of at most 2",
                        "8: the loss is not finite (row 3); the step is left out, 1 in a row of at most 2");
        assertThat(metrics(health)).containsExactly(Map.entry("skipped_steps", 3.0));
        assertThat(health.skipped()).isEqualTo(3);
    }

    @Test
    void oneMoreInARowThanAllowedEndsTheRunAndSaysSo() {
        StepHealth health = health(2);
        health.bad(badLoss(5));
        health.bad(badLoss(6));
        assertThatThrownBy(() -> health.bad(badLoss(7)))
                .isInstanceOf(NonFiniteException.class)
                .hasMessage("step 7: the loss is not finite (row 3), and the 2 steps before it were left out"
                        + " (optimizer.maxBadSteps); the weights are those of step 6. Look at these rows, or lower the"
                        + " learning rate");
    }

    @Test
    void aWatchGoesOnFromItsState() {
        GradientNormWatch one = new GradientNormWatch();
        for (int i = 0; i < 120; i++) {
            one.spikeAgainst(1 + i % 7);
        }
        GradientNormWatch other = new GradientNormWatch();
        other.spikeAgainst(1e9);
        other.restore(one.state());
        assertThat(other.state()).isEqualTo(one.state()).hasSize(100);
        for (double norm : List.of(39.0, 41.0, 30.0, 45.0)) {
            assertThat(other.spikeAgainst(norm)).isEqualTo(one.spikeAgainst(norm));
        }
    }
}
