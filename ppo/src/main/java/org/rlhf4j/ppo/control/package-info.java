/** Proximal policy optimisation in control environments. */
@NullMarked
package org.rlhf4j.ppo.control;

import org.jspecify.annotations.NullMarked;
