package org.rlhf4j.cli.data;

import java.util.Map;
import java.util.concurrent.Callable;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.preference.Rule;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code rlhf data rules}: what {@code rlhf data check} looks for. */
@Command(
        name = "rules",
        description = "List the rules of rlhf data check: id, severity, what it means, and what to do about it.")
public final class RulesCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(names = "--json", description = "Print one JSON object: rules, a list of id, severity, meaning and advice.")
    private boolean json;

    RulesCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (json) {
            terminal.json(Map.of("rules", Rule.list()));
            return ExitCode.DONE;
        }
        for (Rule rule : Rule.values()) {
            terminal.result("%-7s %-21s  %s", rule.severity().label(), rule.id(), rule.meaning());
            terminal.result("%-7s %-21s  -> %s", "", "", rule.advice());
        }
        return ExitCode.DONE;
    }
}
