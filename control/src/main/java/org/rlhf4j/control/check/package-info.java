/** A test of the contract that every environment has to pass. */
@NullMarked
package org.rlhf4j.control.check;

import org.jspecify.annotations.NullMarked;
