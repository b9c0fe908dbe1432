/** The classic control tasks of Gymnasium 1.3, equal to it step for step from the seed on. */
@NullMarked
package org.rlhf4j.control.classic;

import org.jspecify.annotations.NullMarked;
