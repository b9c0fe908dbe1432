/** NumPy's random numbers: the same seed gives the same numbers. */
@NullMarked
package org.rlhf4j.control.random;

import org.jspecify.annotations.NullMarked;
