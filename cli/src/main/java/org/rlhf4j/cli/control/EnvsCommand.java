package org.rlhf4j.cli.control;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.EnvironmentSpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rlhf control envs}: which environments there are. */
@Command(
        name = "envs",
        description = {
            "List the environments.",
            "The time limit is in steps; an environment counts as solved from its threshold on, a mean return."
        })
final class EnvsCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private EnvironmentOptions environments = new EnvironmentOptions();

    @Option(names = "--json", description = "End with one JSON object of all environments.")
    private boolean json;

    EnvsCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        terminal.result("%-26s %6s %10s  %-32s %s", "id", "limit", "threshold", "actions", "observations");
        List<Map<String, @Nullable Object>> list = new ArrayList<>();
        for (String id : environments.ids()) {
            try (Environment<?> environment = environments.make(id)) {
                EnvironmentSpec spec = environment.spec();
                Integer limit = spec.maxEpisodeSteps();
                Double threshold = spec.rewardThreshold();
                terminal.result(
                        "%-26s %6s %10s  %-32s %d numbers",
                        id,
                        limit == null ? "none" : limit,
                        threshold == null ? "none" : threshold,
                        environment.actionSpace(),
                        environment.observationSpace().size());
                Map<String, @Nullable Object> entry = new LinkedHashMap<>();
                entry.put("id", id);
                entry.put("max_episode_steps", limit);
                entry.put("reward_threshold", threshold);
                entry.put("action_space", environment.actionSpace().toString());
                entry.put("observation_space", environment.observationSpace().toString());
                list.add(entry);
            }
        }
        if (json) {
            terminal.json(Map.of("environments", list));
        }
        return ExitCode.DONE;
    }
}
