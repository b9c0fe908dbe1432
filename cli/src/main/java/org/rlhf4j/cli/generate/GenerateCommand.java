package org.rlhf4j.cli.generate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonLine;
import org.rlhf4j.base.JsonLines;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Models;
import org.rlhf4j.cli.console.RowOutput;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.cli.train.ComputeOptions;
import org.rlhf4j.cli.train.EncodingOptions;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.generate.GeneratedCompletion;
import org.rlhf4j.lm.generate.GenerationConfig;
import org.rlhf4j.lm.generate.GenerationDefaults;
import org.rlhf4j.lm.generate.GenerationListener;
import org.rlhf4j.lm.text.ExampleEncoder;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rlhf generate}: prompts in, completions out, in their order. */
@Command(
        name = "generate",
        description = {
            "Complete prompts with a language model.",
            "Reads rows {\"prompt\"} and writes rows {\"prompt\",\"completion\",\"finish\"} in the same order; finish is eos,"
                    + " stop_string or length. A single --prompt is completed as text, while it is generated."
        })
public final class GenerateCommand implements Callable<Integer> {
    /** Prompts in memory at a time; within such a window prompts of similar length share a batch. */
    private static final int WINDOW = 512;

    private final Terminal terminal;

    @Option(
            names = "--model",
            required = true,
            paramLabel = Models.LABEL,
            description = "Language model: a directory, or org/name on the Hugging Face Hub.")
    private Path model = Path.of("");

    @ArgGroup
    private Source source = new Source();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            defaultValue = "-",
            description = "Where the completions go; - is standard output.")
    private String out = "-";

    @Option(
            names = "--samples",
            paramLabel = "N",
            defaultValue = "1",
            description = "Completions of each prompt, one row each. Default: ${DEFAULT-VALUE}.")
    private int samples;

    @Option(
            names = "--logprob",
            description =
                    "Add \"logprob\" to the rows: the log-probability of the completion under the distribution that it"
                            + " was drawn from (at temperature 0: of the model at temperature 1), in nats.")
    private boolean logProb;

    @Option(
            names = "--json",
            description = "Write a row, not text, for --prompt; so do --samples above 1 and --out FILE.")
    private boolean json;

    @Mixin
    private GenerationOptions generation = new GenerationOptions();

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Mixin
    private EncodingOptions encoding = new EncodingOptions();

    private long completions;
    private long tokens;

    private static final class Source {
        @Option(names = "--prompt", paramLabel = "TEXT", description = "One prompt.")
        private @Nullable String prompt;

        @Option(
                names = "--in",
                paramLabel = "FILE",
                defaultValue = "-",
                description = "Prompts: JSON Lines or a JSON array, plain or gzip; - is standard input.")
        private String in = "-";
    }

    GenerateCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        if (samples < 1) {
            throw new UsageException("--samples is " + samples + ", must be at least 1");
        }
        if (logProb && source.prompt != null && !writesRows()) {
            throw new UsageException("--logprob adds a field to rows, and --prompt prints text: add --json");
        }
        encoding.refuseDrop();
        long start = System.nanoTime();
        try (LanguageModel opened = LanguageModel.open(
                new Models(terminal).directory(model), encoding.chosen()::apply, compute.precision(terminal))) {
            GenerationDefaults defaults = opened.generationDefaults();
            GenerationConfig config = generation.applyTo(defaults.config());
            defaults.ignored().forEach(key -> terminal.note("%s: %s is not supported and left out", model, key));
            if (source.prompt != null) {
                complete(opened, config, source.prompt);
            } else {
                RowOutput.to(out, terminal, output -> complete(opened, config, output));
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        terminal.note(
                "%d %s, %d tokens, %.1f s",
                completions, completions == 1 ? "completion" : "completions", tokens, seconds);
        return ExitCode.DONE;
    }

    private boolean writesRows() {
        return json || samples > 1 || !RowOutput.isStandard(out);
    }

    private void complete(LanguageModel opened, GenerationConfig config, String text) throws IOException {
        List<Content> prompt = List.of(Content.of(text));
        if (writesRows()) {
            RowOutput.to(out, terminal, output -> write(opened, config, prompt, output));
            return;
        }
        List<GeneratedCompletion> done = opened.generate(prompt, 1, config, new GenerationListener() {
            @Override
            public void text(int row, String piece) {
                terminal.out().print(piece);
                terminal.out().flush();
            }
        });
        count(done);
        terminal.result("");
    }

    private void complete(LanguageModel opened, GenerationConfig config, RowOutput output) throws IOException {
        try (JsonLines rows = source.in.equals("-")
                ? JsonLines.read(terminal.in(), "standard input")
                : JsonLines.open(Path.of(source.in))) {
            List<Content> window = new ArrayList<>(WINDOW);
            while (rows.hasNext()) {
                window.add(prompt(opened, rows.next()));
                if (window.size() == WINDOW || !rows.hasNext()) {
                    write(opened, config.withFirstRow(completions), window, output);
                    window.clear();
                }
            }
        }
    }

    /** The prompt of a row, which is encoded here only so that a bad one is refused with its place. */
    private static Content prompt(LanguageModel opened, JsonLine line) {
        Content prompt = line.fields().content("prompt");
        try {
            opened.encoder().encodePrompt(prompt, 1);
        } catch (DataFormatException e) {
            throw e.at(line.file(), line.line());
        }
        return prompt;
    }

    private void write(LanguageModel opened, GenerationConfig config, List<Content> prompts, RowOutput output)
            throws IOException {
        List<GeneratedCompletion> done = opened.generate(prompts, samples, config, GenerationListener.NONE);
        for (int row = 0; row < done.size(); row++) {
            Content prompt = prompts.get(row / samples);
            GeneratedCompletion each = done.get(row);
            ObjectNode node = Json.mapper().createObjectNode();
            node.set("prompt", prompt.toJson());
            node.set("completion", ExampleEncoder.answer(prompt, each.text()).toJson());
            node.put("finish", each.finish().label());
            if (logProb) {
                node.put("logprob", each.logProb());
            }
            output.row(node);
        }
        output.flush();
        count(done);
    }

    private void count(List<GeneratedCompletion> done) {
        completions += done.size();
        tokens += done.stream().mapToLong(each -> each.logProbs().length).sum();
    }
}
