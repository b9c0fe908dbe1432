/**
 * Proximal policy optimisation: Schulman et al. 2017 (arXiv:1707.06347). Knows steps, rows and weights; what a step is, an
 * action in an environment or a token of a completion, is the business of its uses.
 */
@NullMarked
package org.rlhf4j.ppo;

import org.jspecify.annotations.NullMarked;
