/** Optimisation: AdamW with torch's semantics, learning-rate schedules, and the one class that owns a gradient step. */
@NullMarked
package org.rlhf4j.core.optim;

import org.jspecify.annotations.NullMarked;
