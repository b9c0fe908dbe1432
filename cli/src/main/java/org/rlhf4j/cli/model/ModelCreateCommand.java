package org.rlhf4j.cli.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.lm.Checkpoint;
import org.rlhf4j.lm.ModelPreset;
import org.rlhf4j.lm.text.ByteLevelTokenizer;
import org.rlhf4j.lm.text.TextTokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code rlhf model create}: a fresh model with random weights, in the layout of Hugging Face. */
@Command(
        name = "create",
        description = {
            "Write a fresh model with random weights, to be trained from scratch.",
            "Presets, with the byte-level tokenizer: tiny has 0.13 million parameters, small 5.0 million; both are in"
                    + " Llama format with a context of 4096 tokens."
        })
public final class ModelCreateCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(names = "--preset", required = true, paramLabel = "tiny|small", description = "Size of the model.")
    private String preset = "";

    @Option(
            names = "--tokenizer",
            paramLabel = "bytes|FILE",
            defaultValue = "bytes",
            description =
                    "One token a byte, or a tokenizer.json, which is copied with the tokenizer_config.json beside it.")
    private String tokenizer = "bytes";

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of the weights; the same seed gives the same bytes (default: 0).")
    private long seed;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "New or empty directory for the model.")
    private Path out = Path.of("");

    @Option(names = "--json", description = "Print the figures as one JSON object.")
    private boolean json;

    ModelCreateCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        ModelPreset chosen = preset();
        chosen.create(Storage.disk(), out, tokenizerFiles(), seed);
        try (Checkpoint checkpoint = Checkpoint.open(out)) {
            terminal.note(
                    "%s: %s model with %d parameters and %d tokens, seed %d",
                    out,
                    chosen.label(),
                    checkpoint.parameters(),
                    checkpoint.config().vocabulary(),
                    seed);
            if (json) {
                Map<String, Object> figures = new LinkedHashMap<>();
                figures.put("model", out.toString());
                figures.put("preset", chosen.label());
                figures.put("parameters", checkpoint.parameters());
                figures.put("vocabulary", checkpoint.config().vocabulary());
                figures.put("seed", seed);
                terminal.json(figures);
            }
        }
        return ExitCode.DONE;
    }

    private ModelPreset preset() {
        try {
            return ModelPreset.named(preset);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--preset: " + e.getMessage());
        }
    }

    private Map<String, byte[]> tokenizerFiles() throws IOException {
        if (tokenizer.equals("bytes")) {
            return ByteLevelTokenizer.files(ModelPreset.CONTEXT);
        }
        Path file = Path.of(tokenizer);
        if (!Files.isRegularFile(file)) {
            throw new UsageException("--tokenizer takes \"bytes\" or a tokenizer.json; there is no file " + tokenizer);
        }
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("tokenizer.json", Files.readAllBytes(file));
        for (String name : TextTokenizer.FILES) {
            Path beside = file.resolveSibling(name);
            if (!files.containsKey(name) && Files.isRegularFile(beside)) {
                files.put(name, Files.readAllBytes(beside));
            }
        }
        return files;
    }
}
