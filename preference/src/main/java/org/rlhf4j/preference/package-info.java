/** Preference data as typed records. */
@NullMarked
package org.rlhf4j.preference;

import org.jspecify.annotations.NullMarked;
