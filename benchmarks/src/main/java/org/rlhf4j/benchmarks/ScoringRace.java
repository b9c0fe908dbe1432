package org.rlhf4j.benchmarks;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.reward.RewardModel;

/** Scores of rows of 32 to 512 tokens, in the order of a file. */
final class ScoringRace implements Race {
    /** Of the scorer that {@code peers/contest.py} makes, without the padding. */
    private static final int WORDS = 8_191;

    private final RewardModel model;
    private final List<EncodedExample> rows;

    ScoringRace(Path directory, int rows) {
        this.model = RewardModel.open(directory);
        this.rows = IntStream.range(0, rows)
                .mapToObj(row -> new EncodedExample(Ids.row(row, length(row), WORDS), 1))
                .toList();
    }

    private static int length(int row) {
        return 32 + 7_919 * row % 481;
    }

    /** The mean of the scores' absolute values. */
    @Override
    public String step() {
        return Double.toString(
                Arrays.stream(model.scores(rows)).map(Math::abs).average().orElseThrow());
    }

    @Override
    public void close() {
        model.close();
    }
}
