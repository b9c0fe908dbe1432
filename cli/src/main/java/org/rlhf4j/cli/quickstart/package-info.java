/** {@code rlhf quickstart}: the whole pipeline on the bundled text world. */
@NullMarked
package org.rlhf4j.cli.quickstart;

import org.jspecify.annotations.NullMarked;
