/**
 * Direct preference optimisation: a language model learns from pairs of completions, held to its frozen start, without a
 * reward model.
 */
@NullMarked
package org.rlhf4j.dpo;

import org.jspecify.annotations.NullMarked;
