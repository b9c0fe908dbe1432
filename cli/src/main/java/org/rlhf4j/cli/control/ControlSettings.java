package org.rlhf4j.cli.control;

import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.ppo.control.ControlConfig;

/** The settings of {@code rlhf control train}. */
final class ControlSettings {
    private ControlSettings() {}

    /** A reader that knows every default; the environment has none. */
    static ConfigReader<ControlConfig> reader() {
        ControlConfig defaults = ControlConfig.defaults("");
        return ConfigReader.of(ControlConfig.class)
                .defaults("seed", defaults.seed())
                .defaults("totalSteps", defaults.totalSteps())
                .defaults("numEnvs", defaults.numEnvs())
                .defaults("numSteps", defaults.numSteps())
                .defaults("normalizeObservations", defaults.normalizeObservations())
                .defaults("normalizeRewards", defaults.normalizeRewards())
                .defaults("policy", defaults.policy())
                .defaults("ppo", defaults.ppo());
    }
}
