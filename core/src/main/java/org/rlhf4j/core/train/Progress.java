package org.rlhf4j.core.train;

import java.time.Duration;
import java.util.Map;

/**
 * Is told how a run goes; shows nothing by itself. Called on the thread that runs the loop, between steps, so that an
 * implementation which blocks stops the training.
 */
public interface Progress {
    /** Ignores everything. */
    Progress SILENT = new Progress() {};

    /**
     * The run begins.
     *
     * @param rows training rows
     * @param totalSteps updates to make
     */
    default void started(int rows, long totalSteps) {}

    /** An update was made. */
    default void step(Step step) {}

    /** Metrics of the steps since the last time; the same that go to {@code metrics.jsonl}. */
    default void logged(StepMetrics metrics) {}

    /** An evaluation begins. */
    default void evaluating(long step) {}

    /**
     * An evaluation ended.
     *
     * @param metrics with names that begin with {@code eval_}
     * @param best whether these weights are the best so far by the metric that {@code keepBest} names
     */
    default void evaluated(StepMetrics metrics, boolean best) {}

    /**
     * Something is not as it should be, and the run goes on: the gradient norm leaps, or a step is left out.
     *
     * @param step the step, counted from 1
     * @param text a sentence for a person
     */
    default void warned(long step, String text) {}

    /** The run ended or was interrupted; not called when it failed. */
    default void finished(TrainingResult result) {}

    /**
     * One update.
     *
     * @param step updates made, this one included
     * @param totalSteps updates to make
     * @param epoch epochs completed, with the fraction of the current one
     * @param tokensPerSecond real tokens of recent steps over their time, padding and evaluations not counted
     * @param remaining expected time of the remaining steps at the recent pace, evaluations not counted
     */
    record Step(long step, long totalSteps, double epoch, double tokensPerSecond, Duration remaining) {}

    /**
     * Figures that belong to a step.
     *
     * @param step updates made
     * @param values figures in the order in which they are written
     */
    record StepMetrics(long step, Map<String, Double> values) {}
}
