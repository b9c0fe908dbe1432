/** Data made smaller or divided, by steps that say what they did. */
@NullMarked
package org.rlhf4j.preference.clean;

import org.jspecify.annotations.NullMarked;
