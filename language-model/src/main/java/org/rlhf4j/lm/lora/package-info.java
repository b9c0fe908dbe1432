/**
 * Low-rank adapters: a few trained weights beside frozen matrices, as PEFT has them. Nothing here knows what model the matrices
 * belong to.
 */
@NullMarked
package org.rlhf4j.lm.lora;

import org.jspecify.annotations.NullMarked;
