/** Hugging Face language models on DJL. */
@NullMarked
package org.rlhf4j.lm;

import org.jspecify.annotations.NullMarked;
