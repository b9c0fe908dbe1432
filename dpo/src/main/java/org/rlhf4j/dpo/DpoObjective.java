package org.rlhf4j.dpo;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import org.rlhf4j.core.config.Doc;
import org.rlhf4j.core.config.Require;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * What a pair costs, given how far policy and reference differ on its two completions. Pure functions, differentiable in
 * the policy's log-probabilities.
 *
 * <p>With {@code c = log π(y⁺|x) − log π_ref(y⁺|x)}, r the same of {@code y⁻}, and {@code Δ = c − r}:
 *
 * <pre>
 *   sigmoid       −log σ(βΔ)
 *   conservative  −(1 − ε) log σ(βΔ) − ε log σ(−βΔ)
 *   robust        (−(1 − ε) log σ(βΔ) + ε log σ(−βΔ)) / (1 − 2ε)
 *   hinge         max(0, 1 − βΔ)
 *   ipo           (c / |y⁺| − r / |y⁻| − 1 / (2β))²
 *   ipo-sum       (Δ − 1 / (2β))²
 * </pre>
 */
public sealed interface DpoObjective {
    /**
     * The cost of each pair whose first completion is the better one.
     *
     * @param chosen the better completions, {@code [P]}
     * @param rejected the worse ones, {@code [P]}
     * @param beta β: how strongly the policy is held to the reference; positive
     * @return {@code [P]}
     */
    NDArray perPair(SequenceLogProbs chosen, SequenceLogProbs rejected, double beta);

    /** The loss of DPO: Rafailov et al. 2023 (arXiv:2305.18290), equation 7. */
    record Sigmoid() implements DpoObjective {
        @Override
        public NDArray perPair(SequenceLogProbs chosen, SequenceLogProbs rejected, double beta) {
            return TorchOps.logSigmoid(scaledDifference(chosen, rejected, beta)).neg();
        }
    }

    /**
     * Conservative DPO, for labels of which a known share is wrong: Mitchell 2023, "A note on DPO with noisy preferences
     * and relationship to IPO", equation 3. TRL 1 has it no more; OpenRLHF has it as {@code label_smoothing}.
     *
     * @param labelSmoothing ε, in [0, 0.5)
     */
    record Conservative(
            @Doc("Share of labels assumed to be wrong, 0 to below 0.5.")
            double labelSmoothing) implements DpoObjective {
        /** Checks the range. */
        public Conservative {
            Require.inHalfOpenRange("labelSmoothing", labelSmoothing, 0, 0.5);
        }

        @Override
        public NDArray perPair(SequenceLogProbs chosen, SequenceLogProbs rejected, double beta) {
            return mixture(scaledDifference(chosen, rejected, beta), 1 - labelSmoothing, labelSmoothing);
        }
    }

    /**
     * Robust DPO, whose mean over noisy labels is the sigmoid loss over clean ones: Chowdhury et al. 2024
     * (arXiv:2403.00409), equation 12. It may be negative.
     *
     * @param labelSmoothing ε, in [0, 0.5)
     */
    record Robust(
            @Doc("Share of labels assumed to be wrong, 0 to below 0.5.")
            double labelSmoothing) implements DpoObjective {
        /** Checks the range. */
        public Robust {
            Require.inHalfOpenRange("labelSmoothing", labelSmoothing, 0, 0.5);
        }

        @Override
        public NDArray perPair(SequenceLogProbs chosen, SequenceLogProbs rejected, double beta) {
            double scale = 1 / (1 - 2 * labelSmoothing);
            return mixture(
                    scaledDifference(chosen, rejected, beta), (1 - labelSmoothing) * scale, -labelSmoothing * scale);
        }
    }

    /** The hinge loss of SLiC on DPO's difference: Zhao et al. 2023 (arXiv:2305.10425), equation 7; as in TRL. */
    record Hinge() implements DpoObjective {
        @Override
        public NDArray perPair(SequenceLogProbs chosen, SequenceLogProbs rejected, double beta) {
            return Activation.relu(
                    scaledDifference(chosen, rejected, beta).neg().add(1));
        }
    }

    /**
     * IPO over log-ratios averaged per token, as in TRL, whose authors agreed on it with IPO's: Azar et al. 2023
     * (arXiv:2310.12036), equation 17, β being their τ.
     */
    record Ipo() implements DpoObjective {
        @Override
        public NDArray perPair(SequenceLogProbs chosen, SequenceLogProbs rejected, double beta) {
            return squaredGap(chosen.meanRatio().sub(rejected.meanRatio()), beta);
        }
    }

    /** IPO over summed log-ratios, as its equation 17 stands and as the DPO authors' code and OpenRLHF have it. */
    record IpoSum() implements DpoObjective {
        @Override
        public NDArray perPair(SequenceLogProbs chosen, SequenceLogProbs rejected, double beta) {
            return squaredGap(chosen.ratio().sub(rejected.ratio()), beta);
        }
    }

    private static NDArray scaledDifference(SequenceLogProbs chosen, SequenceLogProbs rejected, double beta) {
        return TorchOps.times(chosen.ratio().sub(rejected.ratio()), beta);
    }

    /** {@code −a log σ(x) − b log σ(−x)}, by a logarithm of the sigmoid that stays finite. */
    private static NDArray mixture(NDArray x, double a, double b) {
        return TorchOps.times(TorchOps.logSigmoid(x), -a).add(TorchOps.times(TorchOps.logSigmoid(x.neg()), -b));
    }

    private static NDArray squaredGap(NDArray difference, double beta) {
        return difference.sub(1 / (2 * beta)).square();
    }
}
