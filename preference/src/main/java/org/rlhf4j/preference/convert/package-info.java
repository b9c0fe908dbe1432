/** Data of any format rewritten in another. */
@NullMarked
package org.rlhf4j.preference.convert;

import org.jspecify.annotations.NullMarked;
