/** The Java API as a user meets it: programs that stand in the documentation, compiled and run. */
@NullMarked
package org.rlhf4j.integration.examples;

import org.jspecify.annotations.NullMarked;
