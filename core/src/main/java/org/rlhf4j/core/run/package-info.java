/** The directory that a training run leaves behind: effective settings, provenance, metrics, the model. */
@NullMarked
package org.rlhf4j.core.run;

import org.jspecify.annotations.NullMarked;
