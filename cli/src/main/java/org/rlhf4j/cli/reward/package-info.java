/** The commands around reward models: {@code reward train}, {@code reward eval} and {@code score}. */
@NullMarked
package org.rlhf4j.cli.reward;

import org.jspecify.annotations.NullMarked;
