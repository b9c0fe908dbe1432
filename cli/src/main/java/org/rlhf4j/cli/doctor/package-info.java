/** {@code rlhf doctor}: whether this machine can train, and what to do where it cannot. */
@NullMarked
package org.rlhf4j.cli.doctor;

import org.jspecify.annotations.NullMarked;
