package org.rlhf4j.ppo;

import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.train.OptimizerConfig;

/** Settings for tests, changed one at a time. */
record Settings(
        int epochs,
        int minibatches,
        int microBatch,
        PpoConfig.AdvantageNormalization normalization,
        boolean annealClip,
        @Nullable Double targetKl,
        OptimizerConfig optimizer) {
    static final Settings ONE_STEP = new Settings(
            1,
            1,
            0,
            PpoConfig.AdvantageNormalization.MINIBATCH,
            false,
            null,
            adam(0.01, OptimizerConfig.LearningRate.CONSTANT));

    static OptimizerConfig adam(double rate, OptimizerConfig.LearningRate schedule) {
        return new OptimizerConfig(rate, schedule, 0, 0, 0, 0.5, 0.9, 0.999, 1e-5, 0);
    }

    /** Steps of exactly the learning rate in every weight whose gradient is not 0. */
    static OptimizerConfig signs(double rate, OptimizerConfig.LearningRate schedule) {
        return new OptimizerConfig(rate, schedule, 0, 0, 0, 0, 0, 0, 1e-30, 0);
    }

    /** Plain gradient descent with rate 1: with so large an epsilon the second moment means nothing. */
    static OptimizerConfig descent(double maxGradNorm) {
        return new OptimizerConfig(1e6, OptimizerConfig.LearningRate.CONSTANT, 0, 0, 0, maxGradNorm, 0, 0, 1e6, 0);
    }

    Settings cut(int newEpochs, int newMinibatches) {
        return new Settings(newEpochs, newMinibatches, microBatch, normalization, annealClip, targetKl, optimizer);
    }

    Settings micro(int size) {
        return new Settings(epochs, minibatches, size, normalization, annealClip, targetKl, optimizer);
    }

    Settings normalized(PpoConfig.AdvantageNormalization kind) {
        return new Settings(epochs, minibatches, microBatch, kind, annealClip, targetKl, optimizer);
    }

    Settings annealed() {
        return new Settings(epochs, minibatches, microBatch, normalization, true, targetKl, optimizer);
    }

    Settings target(double kl) {
        return new Settings(epochs, minibatches, microBatch, normalization, annealClip, kl, optimizer);
    }

    Settings with(OptimizerConfig other) {
        return new Settings(epochs, minibatches, microBatch, normalization, annealClip, targetKl, other);
    }

    /** With mini-batches that may be left out. */
    Settings bearing(int badSteps) {
        return with(new OptimizerConfig(
                optimizer.learningRate(),
                optimizer.schedule(),
                optimizer.warmupSteps(),
                optimizer.warmupRatio(),
                optimizer.weightDecay(),
                optimizer.maxGradNorm(),
                optimizer.beta1(),
                optimizer.beta2(),
                optimizer.epsilon(),
                badSteps));
    }

    PpoConfig config() {
        return new PpoConfig(
                0.99,
                0.95,
                epochs,
                minibatches,
                microBatch,
                false,
                normalization,
                0.2,
                annealClip,
                null,
                0.5,
                0.01,
                targetKl,
                optimizer);
    }
}
