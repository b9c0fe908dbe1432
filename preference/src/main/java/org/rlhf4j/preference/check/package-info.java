/** Everything that is wrong with data, found in one pass. */
@NullMarked
package org.rlhf4j.preference.check;

import org.jspecify.annotations.NullMarked;
