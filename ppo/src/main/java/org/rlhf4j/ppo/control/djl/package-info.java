/** Environments to and from DJL's {@code ai.djl.modality.rl.env.RlEnv}. */
@NullMarked
package org.rlhf4j.ppo.control.djl;

import org.jspecify.annotations.NullMarked;
