package org.rlhf4j.lm.template;

/** What a template can call: a macro, a method of a value, or a function that it is given. */
@FunctionalInterface
interface Callable {
    Object call(Render render, Arguments arguments);
}
