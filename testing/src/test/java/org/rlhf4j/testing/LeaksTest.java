package org.rlhf4j.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LeaksTest {
    private final List<NDArray> held = new ArrayList<>();

    @Test
    void aStepThatClosesWhatItMakesPasses() {
        Leaks.assertNone(FakeTensors.manager(held), 1, 5, () -> {
            held.add(FakeTensors.floats(new Shape(1), 0));
            held.remove(held.size() - 1);
        });
    }

    @Test
    void stateMadeDuringTheWarmUpIsNoLeak() {
        Leaks.assertNone(FakeTensors.manager(held), 2, 5, () -> {
            if (held.size() < 2) {
                held.add(FakeTensors.floats(new Shape(1), 0));
            }
        });
    }

    @Test
    void aStepThatKeepsAnArrayFailsWithTheCounts() {
        assertThatThrownBy(() -> Leaks.assertNone(
                        FakeTensors.manager(held), 1, 3, () -> held.add(FakeTensors.floats(new Shape(1), 0))))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("the manager had 1 arrays")
                .hasMessageContaining("[2, 3, 4]");
    }

    @Test
    void theResidentMemoryOfAJvmIsMoreThanTenMebibytes() {
        assertThat(Leaks.residentBytes()).isGreaterThan(10L << 20);
    }
}
