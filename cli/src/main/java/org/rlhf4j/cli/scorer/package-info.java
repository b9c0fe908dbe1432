/** Scorers that are named on the command line: reward models, and Java classes of one's own. */
@NullMarked
package org.rlhf4j.cli.scorer;

import org.jspecify.annotations.NullMarked;
