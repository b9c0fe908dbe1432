package org.rlhf4j.ppo.text;

/**
 * The scores of a rollout of n completions.
 *
 * @param raw as they came
 * @param shaped what is learned from, {@code [n]}: normalised, clipped, less the penalty for a missing end; NaN for a
 *     row that is dropped
 */
@SuppressWarnings("ArrayRecordComponent") // Figures of a rollout, read and not compared.
public record Scored(RawScores raw, double[] shaped) {}
