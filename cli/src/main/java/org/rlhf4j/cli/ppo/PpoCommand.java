package org.rlhf4j.cli.ppo;

import picocli.CommandLine.Command;

/** {@code rlhf ppo}: the group of commands that align a language model with a reward. */
@Command(
        name = "ppo",
        description = "Align a language model with a reward, by reinforcement learning.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = PpoTrainCommand.class)
public final class PpoCommand {}
