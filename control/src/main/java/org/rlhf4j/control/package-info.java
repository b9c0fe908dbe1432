/** The contract between an environment and whoever acts in it: that of Gymnasium 1.x. */
@NullMarked
package org.rlhf4j.control;

import org.jspecify.annotations.NullMarked;
