/** Pure Java foundations of every room. */
@NullMarked
package org.rlhf4j.base;

import org.jspecify.annotations.NullMarked;
