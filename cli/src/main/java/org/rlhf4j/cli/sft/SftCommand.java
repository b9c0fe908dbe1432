package org.rlhf4j.cli.sft;

import picocli.CommandLine.Command;

/** {@code rlhf sft}: the group of supervised fine-tuning. */
@Command(
        name = "sft",
        description = "Fine-tune language models on demonstrations.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = SftTrainCommand.class)
public final class SftCommand {}
