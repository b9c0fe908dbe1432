/** Two policies held against each other: scores, win rate, length and divergence of what they write. */
@NullMarked
package org.rlhf4j.lm.compare;

import org.jspecify.annotations.NullMarked;
