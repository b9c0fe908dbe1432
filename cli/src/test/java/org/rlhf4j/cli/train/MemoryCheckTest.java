package org.rlhf4j.cli.train;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.rlhf4j.cli.console.RefusedException;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.lm.MemoryEstimate;

class MemoryCheckTest {
    private static final long EXBIBYTE = 1L << 60;

    /** Layers that are computed again save nothing here, one row some, and half the length nearly all. */
    @Test
    void onlyWaysThatHelpAreNamedAndWhichOfThemFit() {
        MemoryCheck check = new MemoryCheck(
                2,
                100,
                false,
                (rows, longest, checkpointing) ->
                        MemoryEstimate.NOTHING.plusWeights(longest > 50 ? rows * EXBIBYTE : 0));
        assertThatThrownBy(() -> check.say(Terminal.ofProcess()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("lower --micro-batch-size, at best to 1 (about 1073741824.27 GiB)")
                .hasMessageContaining(
                        "lower --max-length, say to 50 with --on-overlong truncate (about 0.27 GiB, which fits)")
                .hasMessageContaining("--lora or --dtype bfloat16")
                .hasMessageNotContaining("--gradient-checkpointing");
    }
}
