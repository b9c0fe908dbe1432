package org.rlhf4j.ppo.control;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.TanhNetwork;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * Generalised state-dependent exploration: Raffin et al. 2022 (arXiv:2005.05719), equations 4 to 6. The noise of an action
 * is {@code latent theta} with {@code theta [H, A]} drawn from normal distributions of deviations {@code exp(log_std) [H, A]};
 * seen from one step it is normal with variance {@code latent^2 exp(log_std)^2 + 1e-6}. No gradient flows through the
 * latent into the deviation.
 *
 * @param actions how many numbers an action has, A
 * @param latent size of the actor's last hidden layer, H
 * @param exploration its settings
 */
record StateDependentHead(int actions, int latent, Exploration.StateDependent exploration)
        implements ActionHead<float[]> {
    private static final double EPSILON = 1e-6;

    @Override
    public int outputs() {
        return actions;
    }

    @Override
    public int width() {
        return actions;
    }

    @Override
    public void initialize(Parameters parameters) {
        ActionHead.addLogStd(parameters, exploration.initialLogStd(), new Shape(latent, actions));
    }

    @Override
    public float[] action(float[] recorded) {
        return recorded.clone();
    }

    @Override
    public Acting acting(Weights weights) {
        return new Draw(weights.get(GaussianHead.LOG_STD, latent, actions), latent, actions);
    }

    @Override
    public Likelihood likelihood(Parameters parameters, TanhNetwork.Result actor, NDArray actions) {
        NDArray variances =
                TorchOps.times(parameters.get(GaussianHead.LOG_STD), 2).exp();
        NDArray variance = actor.latent().square().matMul(variances).add(EPSILON);
        NDArray logStd = TorchOps.times(variance.log(), 0.5);
        NDArray z2 = actions.sub(actor.outputs()).square().div(variance);
        NDArray logProbs = TorchOps.times(z2, -0.5).sub(logStd).sum(new int[] {-1}, true);
        NDArray entropy = logStd.sum(new int[] {-1}, true);
        return new Likelihood(
                logProbs.sub(this.actions * GaussianHead.HALF_LOG_TWO_PI),
                entropy.add(this.actions * (0.5 + GaussianHead.HALF_LOG_TWO_PI)));
    }

    private static final class Draw implements Acting {
        private final double[] std;
        private final double[] noise;
        private final int latent;
        private final int actions;

        Draw(float[] logStd, int latent, int actions) {
            this.latent = latent;
            this.actions = actions;
            std = new double[logStd.length];
            for (int i = 0; i < std.length; i++) {
                std[i] = Math.exp(logStd[i]);
            }
            noise = new double[logStd.length];
        }

        @Override
        public void resetNoise(SeededStream stream) {
            for (int i = 0; i < noise.length; i++) {
                noise[i] = std[i] * stream.nextGaussian();
            }
        }

        @Override
        public double sample(float[] features, float[] means, SeededStream stream, float[] action) {
            double logProb = 0;
            for (int a = 0; a < actions; a++) {
                double shift = 0;
                double variance = EPSILON;
                for (int h = 0; h < latent; h++) {
                    shift += features[h] * noise[h * actions + a];
                    double part = features[h] * std[h * actions + a];
                    variance += part * part;
                }
                action[a] = (float) (means[a] + shift);
                logProb += GaussianHead.logProb(action[a], means[a], Math.sqrt(variance));
            }
            return logProb;
        }

        @Override
        public void mode(float[] means, float[] action) {
            System.arraycopy(means, 0, action, 0, action.length);
        }
    }
}
