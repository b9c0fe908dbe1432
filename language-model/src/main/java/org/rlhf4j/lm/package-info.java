/**
 * Hugging Face language models on DJL: configurations, checkpoints, decoders and the scalar head.
 *
 * <p>A model is its configuration, a map of weights under their Hugging Face names, and a forward function.
 */
@NullMarked
package org.rlhf4j.lm;

import org.jspecify.annotations.NullMarked;
