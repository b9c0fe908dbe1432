package org.rlhf4j.control.check;

import java.util.List;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Space;

/** What is lawful in a space but often a mistake. */
final class SpaceChecks {
    private SpaceChecks() {}

    static void observations(Box space, List<String> warnings) {
        bounds("observation", space, warnings);
    }

    static void actions(Space<?> space, List<String> warnings) {
        if (space instanceof Box box) {
            bounds("action", box, warnings);
            float[] low = box.low();
            float[] high = box.high();
            for (int i = 0; i < low.length; i++) {
                boolean normalized = (low[i] == -high[i] || low[i] == 0) && low[i] >= -1 && high[i] <= 1;
                if (!normalized) {
                    warnings.add("element " + i + " of the action space has the bounds " + low[i] + " and " + high[i]
                            + "; policies start around 0 with a deviation of 1: rescale to -1 and 1 (RescaleAction)");
                }
            }
        }
    }

    private static void bounds(String name, Box space, List<String> warnings) {
        float[] low = space.low();
        float[] high = space.high();
        for (int i = 0; i < low.length; i++) {
            if (Float.isInfinite(low[i]) || Float.isInfinite(high[i])) {
                warnings.add("element " + i + " of the " + name + " space has an infinite bound");
            } else if (low[i] == high[i]) {
                warnings.add("element " + i + " of the " + name + " space can only be " + low[i]);
            }
        }
    }
}
