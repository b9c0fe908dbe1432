/**
 * How text is generated, apart from the model: how the next token is chosen, when a completion ends, and how its text
 * grows.
 */
@NullMarked
package org.rlhf4j.lm.generate;

import org.jspecify.annotations.NullMarked;
