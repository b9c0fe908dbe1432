/** The state of a run on disk: what it takes to go on as if nothing had happened. */
@NullMarked
package org.rlhf4j.core.checkpoint;

import org.jspecify.annotations.NullMarked;
