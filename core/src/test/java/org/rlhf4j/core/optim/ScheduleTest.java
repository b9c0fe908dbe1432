package org.rlhf4j.core.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlhf4j.testing.Golden;
import org.rlhf4j.testing.Property;

class ScheduleTest {
    static List<JsonNode> goldenCases() {
        return Golden.cases("optim/schedules", "cases");
    }

    @ParameterizedTest
    @MethodSource("goldenCases")
    void equalsTransformersAtEveryStep(JsonNode golden) {
        Schedule schedule = schedule(
                golden.get("kind").textValue(),
                golden.get("warmup").intValue(),
                golden.get("total").intValue());
        double[] factors = Golden.doubles(golden.get("factors"));
        for (int step = 0; step < factors.length; step++) {
            assertThat(schedule.factor(step)).as("step %d", step).isCloseTo(factors[step], within(1e-12));
        }
    }

    private static Schedule schedule(String kind, long warmup, long total) {
        return switch (kind) {
            case "constant" -> new Schedule.Constant(warmup);
            case "linear" -> new Schedule.Linear(warmup, total);
            case "cosine" -> new Schedule.Cosine(warmup, total);
            default -> throw new IllegalArgumentException(kind);
        };
    }

    @Test
    void staysBetweenZeroAndOneAndNeverRisesAfterTheWarmUp() {
        Property.forAll(
                draws -> schedule(
                        draws.pick(List.of("constant", "linear", "cosine")),
                        draws.between(0, 20),
                        draws.between(0, 60)),
                schedule -> {
                    double last = Double.NaN;
                    for (long step = 0; step < 100; step++) {
                        double factor = schedule.factor(step);
                        assertThat(factor).isBetween(0.0, 1.0);
                        if (step > warmup(schedule)) {
                            assertThat(factor).isLessThanOrEqualTo(last);
                        }
                        last = factor;
                    }
                });
    }

    private static long warmup(Schedule schedule) {
        if (schedule instanceof Schedule.Constant constant) {
            return constant.warmupSteps();
        }
        return schedule instanceof Schedule.Linear linear
                ? linear.warmupSteps()
                : ((Schedule.Cosine) schedule).warmupSteps();
    }

    @Test
    void negativeStepCountsAreRefused() {
        assertThatThrownBy(() -> new Schedule.Linear(-1, 10)).hasMessage("warmupSteps is -1: give 0 or more");
        assertThatThrownBy(() -> new Schedule.Cosine(0, -5)).hasMessage("totalSteps is -5: give 0 or more");
    }
}
