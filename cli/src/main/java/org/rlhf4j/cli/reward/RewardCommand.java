package org.rlhf4j.cli.reward;

import picocli.CommandLine.Command;

/** {@code rlhf reward}: the group of commands that make and judge reward models. */
@Command(
        name = "reward",
        description = "Train and evaluate reward models.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {RewardTrainCommand.class, RewardEvalCommand.class})
public final class RewardCommand {}
