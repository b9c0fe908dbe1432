package org.rlhf4j.ppo.control;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.TanhNetwork;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * Independent normal distributions around the actor's outputs; the logarithm of their deviations is a parameter
 * {@code "log_std" [A]} of its own. Actions are recorded as drawn: only the environment sees them clipped.
 *
 * @param actions how many numbers an action has, A
 * @param initialLogStd what the parameter starts with
 */
record GaussianHead(int actions, double initialLogStd) implements ActionHead<float[]> {
    static final String LOG_STD = "log_std";
    static final double HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

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
        ActionHead.addLogStd(parameters, initialLogStd, new Shape(actions));
    }

    @Override
    public float[] action(float[] recorded) {
        return recorded.clone();
    }

    @Override
    public Acting acting(Weights weights) {
        return new Draw(weights.get(LOG_STD, actions));
    }

    @Override
    public Likelihood likelihood(Parameters parameters, TanhNetwork.Result actor, NDArray actions) {
        NDArray logStd = parameters.get(LOG_STD);
        NDArray z = actions.sub(actor.outputs()).mul(logStd.neg().exp());
        NDArray perAction = TorchOps.times(z.square(), -0.5).sub(logStd);
        NDArray logProbs = perAction.sum(new int[] {-1}, true).sub(this.actions * HALF_LOG_TWO_PI);
        // The same for every row: 1/2 + 1/2 log(2 pi) + log std for each number of an action.
        NDArray entropy = logStd.sum().add(this.actions * (0.5 + HALF_LOG_TWO_PI));
        return new Likelihood(logProbs, entropy.broadcast(logProbs.getShape()));
    }

    /** {@code log N(action; mean, std)}. */
    static double logProb(double action, double mean, double std) {
        double z = (action - mean) / std;
        return -0.5 * z * z - Math.log(std) - HALF_LOG_TWO_PI;
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Draw(float[] logStd) implements Acting {
        @Override
        public double sample(float[] latent, float[] means, SeededStream stream, float[] action) {
            double logProb = 0;
            for (int a = 0; a < action.length; a++) {
                double std = Math.exp(logStd[a]);
                action[a] = (float) (means[a] + std * stream.nextGaussian());
                logProb += logProb(action[a], means[a], std);
            }
            return logProb;
        }

        @Override
        public void mode(float[] means, float[] action) {
            System.arraycopy(means, 0, action, 0, action.length);
        }
    }
}
