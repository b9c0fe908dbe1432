/**
 * Text to token ids and back: tokenizers, chat formats, and the encoding of prompts and completions into examples.
 *
 * <p>Prompt and completion become ids apart and are joined, so the boundary between them is exact; what a user wrote
 * never becomes a control token.
 */
@NullMarked
package org.rlhf4j.lm.text;

import org.jspecify.annotations.NullMarked;
