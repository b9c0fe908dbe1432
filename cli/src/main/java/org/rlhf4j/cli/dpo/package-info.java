/** The commands of direct preference optimisation. */
@NullMarked
package org.rlhf4j.cli.dpo;

import org.jspecify.annotations.NullMarked;
