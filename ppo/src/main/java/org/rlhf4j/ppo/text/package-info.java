/** Proximal policy optimisation of a language model that answers prompts, against rewards for what it wrote. */
@NullMarked
package org.rlhf4j.ppo.text;

import org.jspecify.annotations.NullMarked;
