/** Supervised fine-tuning: a language model learns to write the completions of demonstrations. */
@NullMarked
package org.rlhf4j.lm.sft;

import org.jspecify.annotations.NullMarked;
