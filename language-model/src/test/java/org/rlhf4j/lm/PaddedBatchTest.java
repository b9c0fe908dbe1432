package org.rlhf4j.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.testing.Property;

class PaddedBatchTest {
    private static final List<EncodedExample> ROWS = List.of(
            new EncodedExample(new int[] {5, 6, 7, 8}, 1),
            new EncodedExample(new int[] {0, 9}, 1),
            new EncodedExample(new int[] {4}, 1));

    @Test
    void paddingOnTheRight() {
        PaddedBatch batch = PaddedBatch.of(ROWS);
        assertThat(batch.rows()).isEqualTo(3);
        assertThat(batch.width()).isEqualTo(4);
        assertThat(batch.ids()).containsExactly(5, 6, 7, 8, 0, 9, 0, 0, 4, 0, 0, 0);
        assertThat(batch.positions()).containsExactly(0, 1, 2, 3, 0, 1, 0, 0, 0, 0, 0, 0);
        assertThat(batch.lastIndices()).containsExactly(3, 5, 8);
        assertThat(batch.isPadded()).isTrue();
        assertThat(batch.tokens()).isEqualTo(7);
    }

    @Test
    void paddingOnTheLeft() {
        PaddedBatch batch = PaddedBatch.of(ROWS, PaddedBatch.Side.LEFT, 2);
        assertThat(batch.ids()).containsExactly(5, 6, 7, 8, 2, 2, 0, 9, 2, 2, 2, 4);
        assertThat(batch.positions()).containsExactly(0, 1, 2, 3, 0, 0, 0, 1, 0, 0, 0, 0);
        assertThat(batch.lastIndices()).containsExactly(3, 7, 11);
    }

    @Test
    void whatIsPaddingFollowsFromLengthsNotFromIds() {
        // Row 1 starts with id 0, which is also the padding.
        PaddedBatch batch = PaddedBatch.of(ROWS, PaddedBatch.Side.RIGHT, 0);
        assertThat(batch.length(1)).isEqualTo(2);
        assertThat(batch.tokens()).isEqualTo(7);
    }

    @Test
    void completionTokensAreFoundWithWhatPredictsThem() {
        for (PaddedBatch.Side side : PaddedBatch.Side.values()) {
            PaddedBatch batch = PaddedBatch.of(ROWS, side, 3);
            assertThat(batch.completionTokens()).isEqualTo(4);
            assertThat(batch.completionTargets()).containsExactly(6, 7, 8, 9);
            long[] ids = batch.ids();
            long[] predictors = batch.completionPredictors();
            // The column before a target holds the token before it: 5, 6, 7 in row 0 and 0 in row 1.
            assertThat(Arrays.stream(predictors).map(i -> ids[(int) i])).containsExactly(5L, 6L, 7L, 0L);
            assertThat(Arrays.stream(predictors).map(i -> ids[(int) i + 1])).containsExactly(6L, 7L, 8L, 9L);
        }
    }

    @Test
    void tokensThatCountMayStandApart() {
        EncodedExample turns =
                new EncodedExample(new int[] {5, 6, 7, 8, 9}, new boolean[] {false, true, false, false, true});
        assertThat(turns.promptLength()).isEqualTo(1);
        assertThat(turns.completionLength()).isEqualTo(2);
        for (PaddedBatch.Side side : PaddedBatch.Side.values()) {
            PaddedBatch batch = PaddedBatch.of(List.of(ROWS.get(1), turns, ROWS.get(2)), side, 3);
            assertThat(batch.completionTargets()).containsExactly(9, 6, 9);
            assertThat(List.of(batch.completionTokens(0), batch.completionTokens(1), batch.completionTokens(2)))
                    .containsExactly(1, 2, 0);
            long[] ids = batch.ids();
            assertThat(Arrays.stream(batch.completionPredictors()).map(i -> ids[(int) i]))
                    .containsExactly(0L, 5L, 8L);
        }
        assertThatThrownBy(() -> new EncodedExample(new int[] {1, 2}, new boolean[] {true}))
                .hasMessage("a mask of 1 for 2 tokens: one value each");
    }

    @Test
    void nothingPredictsTheFirstTokenOfARowWithoutPrompt() {
        PaddedBatch batch = PaddedBatch.of(List.of(new EncodedExample(new int[] {1, 2}, 0)));
        assertThatThrownBy(batch::completionPredictors).hasMessageContaining("row 0 has no prompt");
    }

    @Test
    void pairsStandWithAllChosenRowsFirst() {
        PaddedBatch batch = PaddedBatch.chosenThenRejected(ROWS.subList(0, 1), ROWS.subList(1, 2));
        assertThat(batch.ids()).containsExactly(5, 6, 7, 8, 0, 9, 0, 0);
        assertThatThrownBy(() -> PaddedBatch.chosenThenRejected(ROWS, ROWS.subList(1, 2)))
                .hasMessage("3 chosen rows but 1 rejected ones");
        assertThatThrownBy(() -> PaddedBatch.of(List.of())).hasMessageContaining("at least one");
    }

    @Test
    void examplesCannotBeChangedFromOutside() {
        int[] ids = {1, 2, 3};
        EncodedExample example = new EncodedExample(ids, 1);
        ids[0] = 9;
        example.ids()[1] = 9;
        assertThat(example).isEqualTo(new EncodedExample(new int[] {1, 2, 3}, 1));
        assertThat(example).hasSameHashCodeAs(new EncodedExample(new int[] {1, 2, 3}, 1));
        assertThat(example).isNotEqualTo(new EncodedExample(new int[] {1, 2, 3}, 2));
        assertThat(example.completionLength()).isEqualTo(2);
        assertThatThrownBy(() -> new EncodedExample(new int[0], 0)).hasMessageContaining("at least one token");
        assertThatThrownBy(() -> new EncodedExample(new int[] {1}, 2)).hasMessageContaining("outside 0..1");
    }

    private record Lengths(List<Integer> lengths, int maxTokens, int maxRows) {}

    @Test
    void batchesByLengthHoldEveryRowOnceWithinTheLimits() {
        Property.forAll(
                100,
                draws -> {
                    List<Integer> lengths = draws.list(29, each -> each.between(1, 50));
                    return new Lengths(lengths, draws.between(1, 200), draws.between(1, 10));
                },
                each -> {
                    int[] lengths =
                            each.lengths.stream().mapToInt(Integer::intValue).toArray();
                    List<int[]> batches = LengthBatches.plan(lengths, each.maxTokens, each.maxRows);
                    int[] all = batches.stream().flatMapToInt(Arrays::stream).toArray();
                    assertThat(all).hasSize(lengths.length).doesNotHaveDuplicates();
                    int before = Integer.MAX_VALUE;
                    for (int[] batch : batches) {
                        int longest = lengths[batch[0]];
                        assertThat(batch.length).isLessThanOrEqualTo(each.maxRows);
                        assertThat(batch.length == 1 || batch.length * longest <= each.maxTokens)
                                .isTrue();
                        for (int row : batch) {
                            assertThat(lengths[row]).isLessThanOrEqualTo(before);
                            before = lengths[row];
                        }
                    }
                });
    }

    @Test
    void rowsOfEqualLengthKeepTheirOrder() {
        assertThat(LengthBatches.plan(new int[] {2, 3, 2, 3}, 6, 8))
                .containsExactly(new int[] {1, 3}, new int[] {0, 2});
        assertThatThrownBy(() -> LengthBatches.plan(new int[] {1}, 0, 1)).hasMessageContaining("0 tokens");
    }
}
