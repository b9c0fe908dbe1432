/** Strengths by maximum likelihood from comparisons between named items, with intervals: leaderboards. */
@NullMarked
package org.rlhf4j.preference.rank;

import org.jspecify.annotations.NullMarked;
