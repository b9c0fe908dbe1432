/**
 * A small interpreter for the part of Jinja that chat templates are written in, as transformers sets Jinja up. A template
 * reaches nothing but the values that it is given, and its time, memory and output are bounded.
 */
@NullMarked
package org.rlhf4j.lm.template;

import org.jspecify.annotations.NullMarked;
