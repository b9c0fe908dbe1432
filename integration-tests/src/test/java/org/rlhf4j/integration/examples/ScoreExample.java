package org.rlhf4j.integration.examples;

import java.nio.file.Path;
import java.util.List;
import org.rlhf4j.reward.RewardModel;

/** Picks the completion that a reward model likes best. */
final class ScoreExample {
    private ScoreExample() {}

    /** Opens a model directory, such as {@code run/model}, and scores every candidate. */
    static String best(Path modelDirectory, String prompt, List<String> candidates) {
        try (RewardModel model = RewardModel.open(modelDirectory)) {
            String best = candidates.get(0);
            double highest = model.score(prompt, best);
            for (String candidate : candidates.subList(1, candidates.size())) {
                double score = model.score(prompt, candidate);
                if (score > highest) {
                    best = candidate;
                    highest = score;
                }
            }
            return best;
        }
    }
}
