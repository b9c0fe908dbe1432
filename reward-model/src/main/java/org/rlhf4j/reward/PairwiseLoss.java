package org.rlhf4j.reward;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * The Bradley-Terry loss of a reward model on pairs, with margin, label smoothing, soft targets and centering, in any
 * combination. For one pair with scores \( s^+ \) (chosen) and \( s^- \) (rejected), margin m, probability p that the
 * chosen completion really is the better one, smoothing \( \epsilon \) and centering \( \lambda \):
 *
 * <pre>
 *   d  = s⁺ − s⁻ − m
 *   p' = p (1 − ε) + (1 − p) ε
 *   L  = −p' log σ(d) − (1 − p') log σ(−d) + λ (s⁺ + s⁻)²
 * </pre>
 *
 * <p>With p = 1 and no options this is equation 1 of Ouyang et al. 2022 (arXiv:2203.02155) for K = 2; the margin is that
 * of Llama 2 (Touvron et al. 2023, arXiv:2307.09288, equation 2), the centering that of Eisenstein et al. 2023
 * (arXiv:2312.09244, equation 8). A tie is p = 0.5, which pulls the two scores to a distance of m.
 *
 * @param labelSmoothing the assumed share of flipped labels, in [0, 0.5)
 * @param centering the weight \( \lambda \) of the squared sum of the scores, at least 0; keeps the mean score near 0
 */
public record PairwiseLoss(double labelSmoothing, double centering) {
    /** The plain Bradley-Terry loss. */
    public static final PairwiseLoss PLAIN = new PairwiseLoss(0, 0);

    /** Checks the ranges. */
    public PairwiseLoss {
        if (!(labelSmoothing >= 0 && labelSmoothing < 0.5)) {
            throw new IllegalArgumentException("labelSmoothing must be in [0, 0.5) but is " + labelSmoothing);
        }
        if (!(centering >= 0 && centering < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("centering must be finite and at least 0 but is " + centering);
        }
    }

    /**
     * The loss of each pair, not yet weighted or averaged.
     *
     * @param chosen scores of the chosen completions, {@code [B]}
     * @param rejected scores of the rejected completions, {@code [B]}
     * @param margins the margin of each pair, {@code [B]}
     * @param probabilities the probability that the label is right, {@code [B]}, each in [0, 1]
     * @return {@code [B]} losses in nats, differentiable in the scores
     * @throws IllegalArgumentException if the shapes differ or are not vectors
     */
    public NDArray perPair(NDArray chosen, NDArray rejected, double[] margins, double[] probabilities) {
        Vectors.requireSameLength("chosen", chosen, "rejected", rejected);
        Vectors.requireLength("margins", margins.length, chosen);
        Vectors.requireLength("probabilities", probabilities.length, chosen);
        double[] targets = new double[probabilities.length];
        for (int i = 0; i < targets.length; i++) {
            double p = probabilities[i];
            if (!(p >= 0 && p <= 1)) {
                throw new IllegalArgumentException("probability of pair " + i + " must be in [0, 1] but is " + p);
            }
            targets[i] = p * (1 - labelSmoothing) + (1 - p) * labelSmoothing;
        }
        NDArray difference = chosen.sub(rejected).sub(Vectors.like(chosen, margins));
        NDArray target = Vectors.like(chosen, targets);
        // −log σ(d) = softplus(−d), finite where the logarithm of a sigmoid is not.
        NDArray right = Activation.softPlus(difference.neg()).mul(target);
        NDArray wrong = Activation.softPlus(difference).mul(target.neg().add(1));
        NDArray loss = right.add(wrong);
        return centering == 0
                ? loss
                : loss.add(TorchOps.times(chosen.add(rejected).square(), centering));
    }
}
