package org.rlhf4j.control.check;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.control.Environment;

/** Whether an environment that says how it is saved goes on where it was. */
final class SavedCheck {
    private static final int STEPS_BEFORE = 3;
    private static final int STEPS_AFTERWARDS = 25;

    private SavedCheck() {}

    /**
     * Saves one environment in the middle of an episode, restores another, and lets both go on, beyond the end of the episode.
     *
     * @param two of the same kind, fresh
     * @param actions the action of each step
     * @return what is wrong; empty where nothing is, or where it is not saved at all
     */
    static <A> String of(Environment<A> one, Environment<A> two, IntFunction<A> actions, long seed) {
        one.reset(seed);
        for (int t = 0; t < STEPS_BEFORE; t++) {
            if (one.step(actions.apply(t)).done()) {
                one.reset();
            }
        }
        Optional<ObjectNode> saved = one.saved();
        if (saved.isEmpty()) {
            return "";
        }
        try {
            two.restore(JsonFields.of(Json.parse(Json.write(saved.get())), "saved", 0));
        } catch (RuntimeException e) {
            return "restore refuses what saved() gave: " + e.getMessage();
        }
        String difference = goOn(one, actions).difference(goOn(two, actions));
        return difference.isEmpty()
                ? ""
                : "saved after " + STEPS_BEFORE + " steps and restored it gives another " + difference
                        + "; save all that later steps depend on, the generator too";
    }

    /** Goes on for some steps, and then to the start of another episode. */
    private static <A> Episode goOn(Environment<A> environment, IntFunction<A> actions) {
        Episode episode = new Episode();
        // In the place of the start, so that steps count from 1.
        episode.add(new Environment.Reset(new float[0], Map.of()));
        for (int t = STEPS_BEFORE; t < STEPS_BEFORE + STEPS_AFTERWARDS; t++) {
            Environment.Step step = environment.step(actions.apply(t));
            episode.add(step);
            if (step.done()) {
                episode.add(environment.reset());
            }
        }
        episode.add(environment.reset());
        return episode;
    }
}
