package org.rlhf4j.cli.reward;

import picocli.CommandLine.Command;

/** {@code rlhf reward}: the group of commands that make and judge reward models. */
@Command(name = "reward", description = "Train and evaluate reward models.", synopsisSubcommandLabel = "COMMAND")
public final class RewardCommand {}
