package org.rlhf4j.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code rlhf completion}: the script that teaches a shell our commands and options. */
@Command(name = "completion", description = "Print a completion script for bash and zsh: source <(rlhf completion)")
final class CompletionCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Spec
    private @Nullable CommandSpec spec;

    CompletionCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (spec == null) {
            throw new IllegalStateException("picocli sets the specification before it calls a command");
        }
        terminal.result("%s", AutoComplete.bash("rlhf", spec.root().commandLine()));
        return ExitCode.DONE;
    }
}
