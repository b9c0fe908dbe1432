/** Layouts of data rows: how each is recognised, and how its objects become typed rows. */
@NullMarked
package org.rlhf4j.preference.format;

import org.jspecify.annotations.NullMarked;
