/** Environments by their ids. */
@NullMarked
package org.rlhf4j.control.registry;

import org.jspecify.annotations.NullMarked;
