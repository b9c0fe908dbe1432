/** Several environments stepped together. */
@NullMarked
package org.rlhf4j.control.vector;

import org.jspecify.annotations.NullMarked;
