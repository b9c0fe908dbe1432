/** The rlhf command. */
@NullMarked
package org.rlhf4j.cli;

import org.jspecify.annotations.NullMarked;
