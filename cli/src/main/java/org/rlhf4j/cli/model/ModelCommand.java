package org.rlhf4j.cli.model;

import picocli.CommandLine.Command;

/** {@code rlhf model}: the group of commands that make and describe model directories. */
@Command(
        name = "model",
        description = "Make a fresh model, see what a model directory holds, or fold an adapter into its model.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {ModelCreateCommand.class, ModelInfoCommand.class, ModelMergeCommand.class})
public final class ModelCommand {}
