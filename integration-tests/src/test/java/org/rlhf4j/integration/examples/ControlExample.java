package org.rlhf4j.integration.examples;

import java.io.IOException;
import java.nio.file.Path;
import org.rlhf4j.base.Storage;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.wrap.TimeLimit;
import org.rlhf4j.ppo.control.ControlConfig;
import org.rlhf4j.ppo.control.ControlPolicy;
import org.rlhf4j.ppo.control.ControlResult;
import org.rlhf4j.ppo.control.ControlTrainer;

/** Trains a policy in an environment of one's own, and acts with it. */
final class ControlExample {
    private ControlExample() {}

    private static Environment<Integer> homing() {
        return new TimeLimit<>(new Homing(), 40);
    }

    /** Settings in, a policy directory out. */
    static ControlResult<Integer> train(ControlConfig config, Path target) throws IOException {
        ControlResult<Integer> result = new ControlTrainer<>(config, ControlExample::homing).train();
        result.policy().save(Storage.disk(), target);
        return result;
    }

    /** Opens a policy directory and plays one episode; returns its steps. */
    static int play(Path policyDirectory, long seed) {
        try (Environment<Integer> environment = homing()) {
            ControlPolicy<Integer> policy = ControlPolicy.open(policyDirectory, environment);
            float[] observation = environment.reset(seed).observation();
            int steps = 0;
            Environment.Step step;
            do {
                step = environment.step(policy.act(observation));
                observation = step.observation();
                steps++;
            } while (!step.done());
            return steps;
        }
    }
}
