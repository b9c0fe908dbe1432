package org.rlhf4j.control.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.rlhf4j.control.Environment;

/** What an environment answered to a seed and some actions, copied when it answered. */
final class Episode {
    private final List<Answer> answers = new ArrayList<>();

    /** One answer; that of a reset has reward 0 and no flags. */
    @SuppressWarnings("ArrayRecordComponent") // a copy, compared by difference()
    record Answer(
            float[] observation, double reward, boolean terminated, boolean truncated, Map<String, Object> info) {}

    void add(Environment.Reset reset) {
        answers.add(new Answer(reset.observation().clone(), 0, false, false, reset.info()));
    }

    void add(Environment.Step step) {
        answers.add(new Answer(
                step.observation().clone(), step.reward(), step.terminated(), step.truncated(), step.info()));
    }

    float[] start() {
        return answers.get(0).observation();
    }

    /** The first difference between two episodes of the same seed and actions; empty where there is none. */
    String difference(Episode other) {
        for (int t = 0; t < Math.min(answers.size(), other.answers.size()); t++) {
            Answer one = answers.get(t);
            Answer two = other.answers.get(t);
            String when = t == 0 ? " at the reset" : " at step " + t;
            if (!Arrays.equals(one.observation, two.observation)) {
                return "observation" + when + ": " + Arrays.toString(one.observation) + ", then "
                        + Arrays.toString(two.observation);
            }
            if (one.reward != two.reward) {
                return "reward" + when + ": " + one.reward + ", then " + two.reward;
            }
            if (one.terminated != two.terminated || one.truncated != two.truncated) {
                return "flags" + when;
            }
            if (!equal(one.info, two.info)) {
                return "info" + when + ": " + one.info + ", then " + two.info;
            }
        }
        return "";
    }

    private static boolean equal(Map<String, Object> one, Map<String, Object> two) {
        return one.keySet().equals(two.keySet())
                && one.entrySet().stream()
                        .allMatch(entry -> Objects.deepEquals(entry.getValue(), two.get(entry.getKey())));
    }
}
