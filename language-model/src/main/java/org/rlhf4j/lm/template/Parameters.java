package org.rlhf4j.lm.template;

import java.util.List;

/**
 * The parameters of a macro or a call block.
 *
 * @param names their names
 * @param defaults values of the last of them
 * @param used which of {@code caller}, {@code varargs} and {@code kwargs} the body speaks of
 */
record Parameters(List<String> names, List<Expression> defaults, List<String> used) {}
