/**
 * Tensors: the engine and its one thread, scopes that free what a step makes, operators DJL lacks, named parameters, and
 * token log-probabilities that never hold a whole {@code [N, V]} matrix.
 */
@NullMarked
package org.rlhf4j.core.tensor;

import org.jspecify.annotations.NullMarked;
