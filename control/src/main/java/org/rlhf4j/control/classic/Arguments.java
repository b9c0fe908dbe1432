package org.rlhf4j.control.classic;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.rlhf4j.base.NearestName;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Discrete;

/** Checks what an environment is given; the errors begin with its id. */
final class Arguments {
    private final String id;

    Arguments(String id) {
        this.id = id;
    }

    /** The interval that a state starts in: options {@code low} and {@code high}. */
    Interval interval(Map<String, Object> options, double low, double high) {
        if (options.isEmpty()) {
            return new Interval(low, high);
        }
        only(options, List.of("low", "high"));
        Interval interval = new Interval(number(options, "low", low), number(options, "high", high));
        if (interval.low > interval.high) {
            throw refused("option low (" + interval.low + ") must not be above high (" + interval.high + ")");
        }
        return interval;
    }

    void only(Map<String, Object> options, List<String> known) {
        for (String name : options.keySet()) {
            if (!known.contains(name)) {
                throw refused(NearestName.unknown("option", name, known));
            }
        }
    }

    double number(Map<String, Object> options, String name, double absent) {
        if (!options.containsKey(name)) {
            return absent;
        }
        Object value = options.get(name);
        if (!(value instanceof Number number) || !Double.isFinite(number.doubleValue())) {
            throw refused("option " + name + " must be a finite number, not " + value);
        }
        return number.doubleValue();
    }

    int action(Discrete space, Integer action) {
        if (!space.contains(action)) {
            throw refused("action " + action + " is not in " + space);
        }
        return action;
    }

    /** The one element, which may lie beyond the bounds: the dynamics clip it. */
    float action(Box space, float[] action) {
        if (action.length != 1 || !Float.isFinite(action[0])) {
            throw refused("action " + Arrays.toString(action) + " is not one finite number, as of " + space);
        }
        return action[0];
    }

    void started(boolean started) {
        if (!started) {
            throw new IllegalStateException(id + ": step before reset; call reset first");
        }
    }

    IllegalArgumentException refused(String reason) {
        return new IllegalArgumentException(id + ": " + reason);
    }

    record Interval(double low, double high) {}
}
