/** Test support without any project module. */
@NullMarked
package org.rlhf4j.testing;

import org.jspecify.annotations.NullMarked;
