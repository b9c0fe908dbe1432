/**
 * Models by their name on the Hugging Face Hub: found in its cache, or downloaded into it, so that every tool that uses
 * the cache shares them. Layout and protocol are those of huggingface_hub 1.33.
 */
@NullMarked
package org.rlhf4j.lm.hub;

import org.jspecify.annotations.NullMarked;
