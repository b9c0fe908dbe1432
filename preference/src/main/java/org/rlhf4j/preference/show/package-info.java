/** Rows laid out for people: side by side with their differences, in a terminal or on a page. */
@NullMarked
package org.rlhf4j.preference.show;

import org.jspecify.annotations.NullMarked;
