/**
 * Supervised training, once for every trainer: a {@link org.rlhf4j.core.train.TrainingTask} says what its rows cost, the
 * {@link org.rlhf4j.core.train.TrainingLoop} does the rest.
 */
@NullMarked
package org.rlhf4j.core.train;

import org.jspecify.annotations.NullMarked;
