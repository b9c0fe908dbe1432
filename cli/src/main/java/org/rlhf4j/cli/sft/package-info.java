/** The command of supervised fine-tuning: {@code sft train}. */
@NullMarked
package org.rlhf4j.cli.sft;

import org.jspecify.annotations.NullMarked;
