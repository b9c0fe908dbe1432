/** Rows of preference data as token ids, in the shapes that trainers read. */
@NullMarked
package org.rlhf4j.lm.data;

import org.jspecify.annotations.NullMarked;
