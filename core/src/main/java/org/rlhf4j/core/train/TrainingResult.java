package org.rlhf4j.core.train;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended.
 *
 * @param steps updates made
 * @param epochs epochs seen, with the fraction of the last one
 * @param tokens real tokens read in training
 * @param metrics the last figures of training and of evaluation, those of the kept weights where the best are kept
 * @param bestStep the step whose weights were kept; null when the last ones are
 * @param interrupted whether it was asked to stop; the weights are then those of the last complete step
 */
public record TrainingResult(
        long steps,
        double epochs,
        long tokens,
        Map<String, Double> metrics,
        @Nullable Long bestStep,
        boolean interrupted) {}
