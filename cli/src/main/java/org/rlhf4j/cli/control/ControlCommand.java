package org.rlhf4j.cli.control;

import picocli.CommandLine.Command;

/** {@code rlhf control}: the group of environments. */
@Command(
        name = "control",
        description = "Train and watch policies in control environments, by the same PPO core.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {ControlTrainCommand.class, ControlEvalCommand.class, EnvsCommand.class})
public final class ControlCommand {}
