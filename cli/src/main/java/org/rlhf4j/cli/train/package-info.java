/** What the training commands share: their options, how rows are read, and the run directory. */
@NullMarked
package org.rlhf4j.cli.train;

import org.jspecify.annotations.NullMarked;
