/**
 * Weights in safetensors files: a reader that trusts nothing it reads, and a writer whose files appear whole or not at
 * all. File format: https://github.com/huggingface/safetensors#format.
 */
@NullMarked
package org.rlhf4j.core.safetensors;

import org.jspecify.annotations.NullMarked;
