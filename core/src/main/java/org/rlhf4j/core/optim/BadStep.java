package org.rlhf4j.core.optim;

import java.util.function.Supplier;

/**
 * A step whose numbers are not finite, before it is left out or ends the run.
 *
 * @param problem what is not finite, and where
 * @param diagnosis computes the step again, and each of its rows alone; changes nothing, and is asked for before the run goes
 *     on
 */
public record BadStep(NonFiniteException problem, Supplier<Diagnosis> diagnosis) {}
