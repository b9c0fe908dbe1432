package org.rlhf4j.lm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemoryEstimateTest {
    /** V 100, H 8, F 16, 2 layers, 2 query heads and one of keys, D 4. */
    private static final ModelConfig.Sizes SIZES = new ModelConfig.Sizes(100, 8, 16, 2, 2, 1, 4, 128);

    /** Numbers a token in a layer: 6 * 8 + 4 * 8 + 2 + 4 * 16 = 146. */
    private static final long LAYER = 200 * 146 * 4;

    /** Three copies of 200 rows of 100 logits, and twice the hidden states. */
    private static final long HEAD = 3 * 200 * 100 * 4 + 2 * 200 * 8 * 4;

    private static final long MOVING = 200 * (2 * 8 + 3 * 16) * 4;

    private static final long EMBEDDING = 100 * 8 * 4;

    @Test
    void aPassKeepsAllLayersAndOneThatCheckpointsTheirInputsAndOneLayer() {
        MemoryEstimate.Pass pass = MemoryEstimate.Pass.ofTokens(SIZES, 2, 100);
        assertThat(pass.training(false)).isEqualTo(withHoles(2 * LAYER + MOVING + HEAD) + EMBEDDING);
        long inputs = 3 * 200 * 8 * 4;
        assertThat(pass.training(true)).isEqualTo(withHoles(inputs + LAYER + MOVING + HEAD) + EMBEDDING);
        assertThat(pass.reading()).isEqualTo(withHoles(LAYER + 2 * 200 * 8 * 4 + HEAD));
    }

    @Test
    void arraysOf4MebibytesLeaveFewerHoles() {
        long tokens = 1L << 17;
        long layer = tokens * 146 * 4;
        assertThat(MemoryEstimate.Pass.ofScores(SIZES, tokens / 128, 128).reading())
                .isEqualTo((long) (1.1 * (layer + 2 * tokens * 8 * 4)));
    }

    @Test
    void aHeadOfOneNumberHasNoLogitsAndShortRowsKeepTheirScores() {
        long numbers = 146 + 2 * 10 * 2;
        assertThat(MemoryEstimate.Pass.ofScores(SIZES, 20, 10).training(false))
                .isEqualTo(withHoles(2 * 200 * numbers * 4 + MOVING) + EMBEDDING);
    }

    @Test
    void theLogitsOfALongBatchAreThoseOfOneChunk() {
        ModelConfig.Sizes wide = new ModelConfig.Sizes(1 << 20, 8, 16, 2, 2, 1, 4, 128);
        // 31 MiB hold less than 64 rows of 4 MiB, which are the fewest.
        long chunk = 64L << 22;
        long layerAndStates = 200 * 146 * 4 + 4 * 200 * 8 * 4;
        assertThat(MemoryEstimate.Pass.ofTokens(wide, 2, 100).reading())
                .isEqualTo(withHoles(3 * chunk + layerAndStates));
    }

    /** Keys and values of 3 rows of 30 tokens in 2 layers of width 4, all matrices, and the prompts. */
    @Test
    void generationHoldsKeysAndValuesAndACopyOfTheMatrices() {
        long cache = 2 * 2 * 3 * 30 * 4 * 4;
        long prompts = new MemoryEstimate.Pass(SIZES, 30, 10, 3, 4).reading();
        assertThat(MemoryEstimate.generating(SIZES, 10_000, 3, 10, 20)).isEqualTo(cache + 10_000 + prompts);
    }

    @Test
    void whatStaysIsAddedUpAndOfWhatPassesTheLargestCounts() {
        long half = 1L << 29;
        MemoryEstimate estimate = MemoryEstimate.NOTHING
                .plusWeights(half)
                .plusTraining(half / 4)
                .passing(half / 5)
                .passing(half / 50);
        assertThat(estimate.total()).isEqualTo(4 * half + half / 5 + MemoryEstimate.PROCESS);
        assertThat(estimate)
                .hasToString(
                        "about 2.37 GiB (weights 0.50, gradients 0.50, optimizer 1.00, activations 0.10, process 0.27)");
    }

    private static long withHoles(long bytes) {
        return (long) (1.3 * bytes);
    }
}
