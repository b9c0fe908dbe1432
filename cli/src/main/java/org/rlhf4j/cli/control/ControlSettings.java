package org.rlhf4j.cli.control;

import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Space;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.ppo.control.ControlConfig;
import org.rlhf4j.ppo.control.Exploration;
import org.rlhf4j.ppo.control.PolicyConfig;

/** The settings of {@code rlhf control train}. */
final class ControlSettings {
    private ControlSettings() {}

    /** A reader that knows every default but the environment. */
    static ConfigReader<ControlConfig> reader() {
        ControlConfig defaults = ControlConfig.defaults("");
        return ConfigReader.of(ControlConfig.class)
                .defaults("seed", defaults.seed())
                .defaults("totalSteps", defaults.totalSteps())
                .defaults("numEnvs", defaults.numEnvs())
                .defaults("numSteps", defaults.numSteps())
                .defaults("normalizeObservations", defaults.normalizeObservations())
                .defaults("normalizeRewards", defaults.normalizeRewards())
                .defaults("policy", new PolicyConfig(PolicyConfig.DEFAULT.hiddenSizes(), Exploration.DEFAULT))
                .defaults("ppo", defaults.ppo());
    }

    /** The same for an environment with these actions: only vectors are explored by noise. */
    static ConfigReader<ControlConfig> reader(Space<?> actions) {
        return actions instanceof Box ? reader() : reader().defaults("policy", PolicyConfig.DEFAULT);
    }
}
