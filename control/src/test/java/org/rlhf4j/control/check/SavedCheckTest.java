package org.rlhf4j.control.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.control.Environment;

class SavedCheckTest {
    /** A walk that saves some of its fields. */
    private static class Saved extends Walk {
        @Override
        public Optional<ObjectNode> saved() {
            ObjectNode saved = Json.object().put("place", (double) place);
            saved.set("generator", generator.saved());
            return Optional.of(saved);
        }

        @Override
        public void restore(JsonFields saved) {
            place = (float) saved.number("place");
            generator.restore(saved.object("generator"));
        }
    }

    @Test
    void whatIsSavedGoesOnWhereItWas() {
        assertThat(EnvironmentChecker.check(Saved::new)).isEmpty();
        assertBroken(
                () -> new Saved() {
                    @Override
                    public void restore(JsonFields saved) {
                        generator.restore(saved.object("generator"));
                    }
                },
                "Walk-v0: saved after 3 steps and restored it gives another observation at step 1: ");
        assertBroken(
                () -> new Saved() {
                    @Override
                    public void restore(JsonFields saved) {
                        place = (float) saved.number("place");
                    }
                },
                "Walk-v0: saved after 3 steps and restored it gives another observation at step 26: ");
        assertBroken(
                () -> new Saved() {
                    @Override
                    public void restore(JsonFields saved) {
                        super.restore(saved.object("walk"));
                    }
                },
                "Walk-v0: restore refuses what saved() gave: saved: field \"walk\" is missing");
    }

    private static <A> void assertBroken(Supplier<? extends Environment<A>> maker, String beginning) {
        assertThatThrownBy(() -> EnvironmentChecker.check(maker))
                .isInstanceOf(EnvironmentCheckException.class)
                .hasMessageStartingWith(beginning);
    }
}
