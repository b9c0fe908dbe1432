package org.rlhf4j.dpo;

import org.rlhf4j.core.train.MetricSums;
import org.rlhf4j.lm.data.Comparison;
import org.rlhf4j.lm.data.PairBatch;

/**
 * The figures of TRL's DPO trainer: means over pairs, weighted as in the loss. A pair labelled as a tie has no chosen
 * completion and is in none of them; a label with a probability below 0.5 is read the other way round.
 *
 * <p>The implicit reward of a completion is {@code β (log π − log π_ref)}: Rafailov et al. 2023 (arXiv:2305.18290), section
 * 4.
 */
final class PairMetrics {
    static final String ACCURACIES = "rewards/accuracies";
    static final String MARGINS = "rewards/margins";

    /**
     * How much likelier, in nats a token, the policy makes the chosen completions than the reference does. It has no
     * counterpart in TRL, where {@code logps/chosen} has to be compared with its value at the first step.
     */
    static final String CHOSEN_DRIFT = "logps/chosen_drift";

    private PairMetrics() {}

    static boolean anyOrdered(PairBatch pairs) {
        return pairs.pairs().stream().anyMatch(pair -> !isTie(pair));
    }

    private static boolean isTie(Comparison.Preference pair) {
        return pair.probability() == 0.5;
    }

    /**
     * Adds the pairs of a micro-batch.
     *
     * @param pairs with indices into {@code sequences}
     * @param correct how many tokens of each sequence are the policy's own first choice
     */
    static void observe(
            PairBatch pairs, SequenceLogProbs sequences, double[] correct, double beta, MetricSums metrics) {
        double[] policy = sequences.policy().toDoubleArray();
        double[] reference = sequences.reference().toDoubleArray();
        double[] tokens = sequences.tokens().toDoubleArray();
        for (Comparison.Preference pair : pairs.pairs()) {
            if (isTie(pair)) {
                continue;
            }
            boolean asLabelled = pair.probability() > 0.5;
            int better = asLabelled ? pair.chosen() : pair.rejected();
            int worse = asLabelled ? pair.rejected() : pair.chosen();
            double gain = policy[better] - reference[better];
            double chosen = beta * gain;
            double rejected = beta * (policy[worse] - reference[worse]);
            double weight = pair.weight();
            metrics.mean("rewards/chosen", weight * chosen, weight);
            metrics.mean("rewards/rejected", weight * rejected, weight);
            metrics.mean(ACCURACIES, chosen > rejected ? weight : 0, weight);
            metrics.mean(MARGINS, weight * (chosen - rejected), weight);
            metrics.mean("logps/chosen", weight * policy[better], weight);
            metrics.mean("logps/rejected", weight * policy[worse], weight);
            metrics.mean("mean_token_accuracy", weight * correct[better], weight * tokens[better]);
            metrics.mean(CHOSEN_DRIFT, weight * gain, weight * tokens[better]);
        }
    }
}
