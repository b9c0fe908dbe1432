package org.rlhf4j.cli.model;

import picocli.CommandLine.Command;

/** {@code rlhf model}: the group of commands that make and describe model directories. */
@Command(
        name = "model",
        description = "Make a fresh model, or see what a model directory holds.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {ModelCreateCommand.class, ModelInfoCommand.class})
public final class ModelCommand {}
