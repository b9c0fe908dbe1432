package org.rlhf4j.cli.data;

import picocli.CommandLine.Command;

/** {@code rlhf data}: preference data before anything is trained on it. */
@Command(
        name = "data",
        description = "Convert, check, show, sum up, rank, clean and split preference data.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ConvertCommand.class,
            CheckCommand.class,
            RulesCommand.class,
            ShowCommand.class,
            StatsCommand.class,
            RankCommand.class,
            AgreementCommand.class,
            CleanCommand.class,
            SplitCommand.class,
            FormatsCommand.class
        })
public final class DataCommand {}
