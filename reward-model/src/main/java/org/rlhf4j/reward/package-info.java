/** Reward models. */
@NullMarked
package org.rlhf4j.reward;

import org.jspecify.annotations.NullMarked;
