/** {@code rlhf verify} and {@code rlhf replay}: training commands run again, from what a run directory says of them. */
@NullMarked
package org.rlhf4j.cli.repeat;

import org.jspecify.annotations.NullMarked;
