/** What observations and actions may be. */
@NullMarked
package org.rlhf4j.control.space;

import org.jspecify.annotations.NullMarked;
