package org.rlhf4j.ppo.control;

import ai.djl.ndarray.NDArray;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.TanhNetwork;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * One of n actions, the actor's outputs are their logits.
 *
 * @param n how many actions
 * @param start the first one's number in the environment
 */
record CategoricalHead(int n, int start) implements ActionHead<Integer> {
    @Override
    public int outputs() {
        return n;
    }

    @Override
    public int width() {
        return 1;
    }

    @Override
    public void initialize(Parameters parameters) {}

    @Override
    public Integer action(float[] recorded) {
        return start + (int) recorded[0];
    }

    @Override
    public Acting acting(Weights weights) {
        return new Draw();
    }

    @Override
    public Likelihood likelihood(Parameters parameters, TanhNetwork.Result actor, NDArray actions) {
        TorchOps.Choice choice = TorchOps.categorical(actor.outputs(), actions);
        return new Likelihood(choice.logProbs(), choice.entropy());
    }

    private static final class Draw implements Acting {
        /** Inverse cumulative distribution: the first action at which the sum of probabilities passes a uniform number. */
        @Override
        public double sample(float[] latent, float[] logits, SeededStream stream, float[] action) {
            double logTotal = logSumExp(logits);
            double remaining = stream.nextDouble();
            int drawn = 0;
            for (int i = 0; i < logits.length; i++) {
                double p = Math.exp(logits[i] - logTotal);
                // Rounding may leave a rest after the last action; it goes to the last that can happen at all.
                drawn = p > 0 ? i : drawn;
                remaining -= p;
                if (remaining < 0) {
                    break;
                }
            }
            action[0] = drawn;
            return logits[drawn] - logTotal;
        }

        @Override
        public void mode(float[] logits, float[] action) {
            int best = 0;
            for (int i = 1; i < logits.length; i++) {
                best = logits[i] > logits[best] ? i : best;
            }
            action[0] = best;
        }

        private static double logSumExp(float[] logits) {
            double max = Double.NEGATIVE_INFINITY;
            for (float logit : logits) {
                max = Math.max(max, logit);
            }
            double sum = 0;
            for (float logit : logits) {
                sum += Math.exp(logit - max);
            }
            return max + Math.log(sum);
        }
    }
}
