package org.rlhf4j.dpo;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import org.rlhf4j.core.config.Doc;
import org.rlhf4j.core.config.Require;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * The loss of a pair: an objective, with soft targets, and likelihood of the better completion beside it. For a pair whose
 * first completion is the better one with probability p:
 *
 * <pre>
 *   L = p O(y⁺, y⁻) + (1 − p) O(y⁻, y⁺) + λ (p n⁺ + (1 − p) n⁻)      n = −log π(y|x) / |y|
 * </pre>
 *
 * <p>So a tie, p = 0.5, costs the mean of both orders: sigmoid, conservative and both IPOs then pull Δ to 0. Label
 * smoothing composes with p: conservative with ε on probability p is sigmoid on {@code p (1 − ε) + (1 − p) ε}.
 *
 * <p>The second term is that of RPO (Pang et al. 2024, arXiv:2404.19733, equation 3): a mean over the tokens of each
 * completion, then over pairs, like OpenRLHF's {@code nll_loss_coef}. TRL's loss type {@code sft} is one mean over all
 * tokens of the batch instead, which is the same where all chosen completions are equally long.
 *
 * @param objective O
 * @param beta β of the objective; positive
 * @param nllCoef λ, at least 0
 */
public record DpoLoss(
        @Doc("What a pair costs: sigmoid, conservative, robust, hinge, ipo (mean over tokens) or ipo-sum.")
        DpoObjective objective,

        @Doc("How strongly the policy is held to the reference; the temperature of the implicit reward.")
        double beta,

        @Doc("Weight of the chosen completion's mean negative log-probability of a token; 0 leaves it out.")
        double nllCoef) {
    /** The sigmoid loss at β = 0.1, the defaults of TRL. */
    public static final DpoLoss DEFAULT = new DpoLoss(new DpoObjective.Sigmoid(), 0.1, 0);

    /** Checks the ranges. */
    public DpoLoss {
        Require.positive("beta", beta);
        Require.notNegative("nllCoef", nllCoef);
    }

    /**
     * The loss of each pair, not yet weighted or averaged.
     *
     * @param chosen the completions that the labels call better, {@code [P]}
     * @param rejected the others, {@code [P]}
     * @param probabilities how sure each label is, {@code [P]}, each in [0, 1]
     * @return {@code [P]}, differentiable in the policy's log-probabilities
     * @throws IllegalArgumentException if a probability is out of range or the lengths differ
     */
    public NDArray perPair(SequenceLogProbs chosen, SequenceLogProbs rejected, double[] probabilities) {
        requireProbabilities(probabilities, chosen.policy().size());
        NDArray oneWay = perPair(chosen, rejected);
        if (Arrays.stream(probabilities).allMatch(p -> p == 1)) {
            return oneWay;
        }
        NDArray p = HostCopy.create(chosen.policy().getManager(), probabilities);
        return oneWay.mul(p).add(perPair(rejected, chosen).mul(p.neg().add(1)));
    }

    private NDArray perPair(SequenceLogProbs better, SequenceLogProbs worse) {
        NDArray losses = objective.perPair(better, worse, beta);
        return nllCoef == 0 ? losses : losses.add(TorchOps.times(better.meanNegativeLogProb(), nllCoef));
    }

    private static void requireProbabilities(double[] probabilities, long pairs) {
        if (probabilities.length != pairs) {
            throw new IllegalArgumentException(probabilities.length + " probabilities for " + pairs + " pairs");
        }
        for (int i = 0; i < probabilities.length; i++) {
            Require.inRange("probability of pair " + i, probabilities[i], 0, 1);
        }
    }
}
