/** {@code rlhf compare}: two policies held against each other by a scorer. */
@NullMarked
package org.rlhf4j.cli.compare;

import org.jspecify.annotations.NullMarked;
