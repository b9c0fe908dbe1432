/** What rows are kept in: files and how they are packed, read and written row by row. */
@NullMarked
package org.rlhf4j.preference.container;

import org.jspecify.annotations.NullMarked;
