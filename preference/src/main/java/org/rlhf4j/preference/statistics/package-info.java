/** Figures about data that decide what is trained on it. */
@NullMarked
package org.rlhf4j.preference.statistics;

import org.jspecify.annotations.NullMarked;
