package org.rlhf4j.core.train;

import org.rlhf4j.core.config.Doc;
import org.rlhf4j.core.config.Require;
import org.rlhf4j.core.optim.AdamW;
import org.rlhf4j.core.optim.Schedule;

/** How weights are updated: AdamW, its learning-rate schedule, and clipping by global norm. */
public record OptimizerConfig(
        @Doc("Peak learning rate of AdamW.") double learningRate,

        @Doc("Course of the learning rate after the warm-up: constant, linear or cosine.")
        LearningRate schedule,

        @Doc("Steps in which the learning rate rises from 0; not together with warmupRatio.")
        int warmupSteps,

        @Doc("The same as a share of all steps, rounded up, 0 to 1.")
        double warmupRatio,

        @Doc("Decoupled weight decay of matrices; norms and biases never decay.")
        double weightDecay,

        @Doc("Global norm to which larger gradients are scaled down; 0 never clips.")
        double maxGradNorm,

        @Doc("Decay of AdamW's first moment, 0 to below 1.") double beta1,

        @Doc("Decay of AdamW's second moment, 0 to below 1.")
        double beta2,

        @Doc("AdamW's epsilon, positive.") double epsilon,

        @Doc(
                "Steps in a row whose loss or gradient is NaN or infinite that are left out, told and counted; one more ends"
                        + " the run.")
        int maxBadSteps) {

    /** Courses of the learning rate after the warm-up. */
    public enum LearningRate {
        /** Stays at its peak. */
        CONSTANT,
        /** Falls to 0 on a straight line. */
        LINEAR,
        /** Falls to 0 on half a cosine wave. */
        COSINE
    }

    /** Checks the ranges. */
    public OptimizerConfig {
        Require.positive("learningRate", learningRate);
        Require.atLeast("warmupSteps", warmupSteps, 0);
        Require.inRange("warmupRatio", warmupRatio, 0, 1);
        Require.that(
                warmupSteps == 0 || warmupRatio == 0, "warmupRatio", warmupRatio, "give it or warmupSteps, not both");
        Require.notNegative("weightDecay", weightDecay);
        Require.notNegative("maxGradNorm", maxGradNorm);
        Require.inHalfOpenRange("beta1", beta1, 0, 1);
        Require.inHalfOpenRange("beta2", beta2, 0, 1);
        Require.positive("epsilon", epsilon);
        Require.atLeast("maxBadSteps", maxBadSteps, 0);
    }

    /** The defaults of transformers' trainer; the learning rate is the caller's, no value suits every task. */
    public static OptimizerConfig defaults(double learningRate) {
        return new OptimizerConfig(learningRate, LearningRate.LINEAR, 0, 0, 0, 1, 0.9, 0.999, 1e-8, 0);
    }

    /** The schedule of a run of so many steps. */
    public Schedule scheduleFor(long totalSteps) {
        long warmup = warmupSteps > 0 ? warmupSteps : (long) Math.ceil(warmupRatio * totalSteps);
        return switch (schedule) {
            case CONSTANT -> new Schedule.Constant(warmup);
            case LINEAR -> new Schedule.Linear(warmup, totalSteps);
            case COSINE -> new Schedule.Cosine(warmup, totalSteps);
        };
    }

    /** AdamW's own settings. */
    public AdamW.Settings adamW() {
        return new AdamW.Settings(beta1, beta2, epsilon, weightDecay);
    }

    /** The norm for clipping; infinite when it is off. */
    public double clipNorm() {
        return maxGradNorm == 0 ? Double.POSITIVE_INFINITY : maxGradNorm;
    }
}
