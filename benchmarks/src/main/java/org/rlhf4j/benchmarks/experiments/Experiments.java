package org.rlhf4j.benchmarks.experiments;

import java.util.Arrays;
import org.rlhf4j.cli.console.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command behind {@code benchmarks/experiments.sh}: one subcommand an experiment. */
@Command(
        name = "experiments.sh",
        description = "Repeats an experiment of docs/EXPERIMENTS.md.",
        synopsisSubcommandLabel = "EXPERIMENT",
        subcommands = {HackingExperiment.class, FrontierExperiment.class, ShakespeareExperiment.class})
public final class Experiments {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help.")
    boolean help;

    private Experiments() {}

    /**
     * Runs one experiment and ends the process.
     *
     * @param args its name and options
     */
    public static void main(String[] args) {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "error");
        Terminal terminal = Terminal.ofProcess();
        IFactory factory = new IFactory() {
            @Override
            public <K> K create(Class<K> type) throws Exception {
                var constructors = type.getDeclaredConstructors();
                boolean takesTerminal = constructors.length == 1
                        && Arrays.equals(constructors[0].getParameterTypes(), new Class<?>[] {Terminal.class});
                return takesTerminal
                        ? type.cast(constructors[0].newInstance(terminal))
                        : CommandLine.defaultFactory().create(type);
            }
        };
        System.exit(new CommandLine(new Experiments(), factory).execute(args));
    }
}
