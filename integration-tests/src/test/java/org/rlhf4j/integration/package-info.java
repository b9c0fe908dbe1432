/** Rules and runs that span several rooms. */
@NullMarked
package org.rlhf4j.integration;

import org.jspecify.annotations.NullMarked;
