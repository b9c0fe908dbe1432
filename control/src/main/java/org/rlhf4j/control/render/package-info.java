/** Pictures of environments for people: what an environment looks like now, and an episode as a film or a sheet. */
@NullMarked
package org.rlhf4j.control.render;

import org.jspecify.annotations.NullMarked;
