package org.rlhf4j.cli.data;

import picocli.CommandLine.Command;

/** {@code rlhf data}: preference data before anything is trained on it. */
@Command(
        name = "data",
        description = "Convert, check, show, sum up, clean and split preference data.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ConvertCommand.class,
            CheckCommand.class,
            RulesCommand.class,
            StatsCommand.class,
            CleanCommand.class,
            SplitCommand.class,
            FormatsCommand.class
        })
public final class DataCommand {}
