package org.rlhf4j.core.train;

import org.jspecify.annotations.Nullable;

/** Settings that differ from a small fast run. */
final class Settings {
    private double epochs = 20;
    private @Nullable Integer maxSteps;
    private int batchSize = 8;
    private int microBatchSize = 8;
    private double learningRate = 0.05;
    private long seed = 1;
    private int loggingSteps = 10;
    private int evalSteps;
    private @Nullable String keepBest;
    private int maxBadSteps;

    static Settings config() {
        return new Settings();
    }

    Settings epochs(double value) {
        epochs = value;
        return this;
    }

    Settings maxSteps(int value) {
        maxSteps = value;
        return this;
    }

    Settings batch(int size, int micro) {
        batchSize = size;
        microBatchSize = micro;
        return this;
    }

    Settings learningRate(double value) {
        learningRate = value;
        return this;
    }

    Settings seed(long value) {
        seed = value;
        return this;
    }

    Settings logging(int steps) {
        loggingSteps = steps;
        return this;
    }

    Settings evalSteps(int steps) {
        evalSteps = steps;
        return this;
    }

    Settings keepBest(String metric) {
        keepBest = metric;
        return this;
    }

    Settings maxBadSteps(int value) {
        maxBadSteps = value;
        return this;
    }

    TrainingConfig build() {
        return new TrainingConfig(
                epochs,
                maxSteps,
                batchSize,
                microBatchSize,
                true,
                false,
                seed,
                loggingSteps,
                evalSteps,
                keepBest,
                new OptimizerConfig(
                        learningRate, OptimizerConfig.LearningRate.LINEAR, 0, 0, 0, 1, 0.9, 0.999, 1e-8, maxBadSteps));
    }
}
