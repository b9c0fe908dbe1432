/** The commands of proximal policy optimisation on language. */
@NullMarked
package org.rlhf4j.cli.ppo;

import org.jspecify.annotations.NullMarked;
