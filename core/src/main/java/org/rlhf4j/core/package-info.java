/** What every trainer shares. */
@NullMarked
package org.rlhf4j.core;

import org.jspecify.annotations.NullMarked;
