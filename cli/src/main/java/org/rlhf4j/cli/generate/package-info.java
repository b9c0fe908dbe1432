/** The command {@code generate}. */
@NullMarked
package org.rlhf4j.cli.generate;

import org.jspecify.annotations.NullMarked;
