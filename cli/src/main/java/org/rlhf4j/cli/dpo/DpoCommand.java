package org.rlhf4j.cli.dpo;

import picocli.CommandLine.Command;

/** {@code rlhf dpo}: the group of commands that align a language model without a reward model. */
@Command(
        name = "dpo",
        description = "Align a language model with preferences, without a reward model.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = DpoTrainCommand.class)
public final class DpoCommand {}
