/** Runs that are killed, at any moment and in the middle of a write, and go on. */
@NullMarked
package org.rlhf4j.integration.faults;

import org.jspecify.annotations.NullMarked;
