/** Texts and rows as 128-bit digests, sorted in bounded memory. */
@NullMarked
package org.rlhf4j.preference.digest;

import org.jspecify.annotations.NullMarked;
