/** The commands on environments. */
@NullMarked
package org.rlhf4j.cli.control;

import org.jspecify.annotations.NullMarked;
