package org.rlhf4j.cli.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Models;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.lm.BaseModel;
import org.rlhf4j.lm.Checkpoint;
import org.rlhf4j.lm.WeightFormat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rlhf model merge}: an adapter folded into the model that it was trained on. */
@Command(
        name = "merge",
        description = {
            "Fold an adapter into the model that it was trained on, and write a model that needs no adapter.",
            "The result is a Hugging Face directory that transformers opens too."
        })
public final class ModelMergeCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(
            paramLabel = Models.LABEL,
            description = "The adapter: a directory with adapter_config.json, or its name on the Hugging Face Hub.")
    private Path adapter = Path.of("");

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "New or empty directory for the model.")
    private Path out = Path.of("");

    @Option(
            names = "--base",
            paramLabel = Models.LABEL,
            description = "The model that the adapter was trained on (default: what the adapter says).")
    private @Nullable Path base;

    @Option(
            names = "--format",
            paramLabel = "NAME",
            description = "How weights are stored: float32, float16 or bfloat16 (default: as in the model).")
    private @Nullable String format;

    ModelMergeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        Models models = new Models(terminal);
        Path given = base;
        Path model = given == null ? null : models.directory(given);
        try (Checkpoint checkpoint = Checkpoint.open(models.directory(adapter), model)) {
            WeightFormat stored = format == null ? checkpoint.format() : format(format);
            BaseModel.saveMerged(checkpoint, out, stored);
            terminal.note("%s: %,d parameters, stored as %s", out, checkpoint.parameters(), stored.label());
        }
        return ExitCode.DONE;
    }

    private static WeightFormat format(String name) {
        try {
            return WeightFormat.named(name);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--format: " + e.getMessage());
        }
    }
}
