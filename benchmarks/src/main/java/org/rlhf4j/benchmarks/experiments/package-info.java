/**
 * The experiments that docs/EXPERIMENTS.md reports: programs that train, measure, write their figures below
 * {@code benchmarks/results/} and draw them below {@code docs/pictures/}. {@code benchmarks/experiments.sh} starts them.
 */
@NullMarked
package org.rlhf4j.benchmarks.experiments;

import org.jspecify.annotations.NullMarked;
