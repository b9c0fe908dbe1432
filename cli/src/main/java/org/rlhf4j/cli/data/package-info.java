/** The {@code data} commands: options in, reports out; the work is done by the preference room. */
@NullMarked
package org.rlhf4j.cli.data;

import org.jspecify.annotations.NullMarked;
