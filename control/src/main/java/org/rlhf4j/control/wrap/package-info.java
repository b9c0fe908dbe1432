/** Environments around environments: time limit, order, statistics, and what changes actions, observations and rewards. */
@NullMarked
package org.rlhf4j.control.wrap;

import org.jspecify.annotations.NullMarked;
