package org.rlhf4j.cli.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Models;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.lm.Checkpoint;
import org.rlhf4j.lm.EncoderConfig;
import org.rlhf4j.lm.Head;
import org.rlhf4j.lm.ModelConfig;
import org.rlhf4j.lm.ModelSidecar;
import org.rlhf4j.lm.PretrainedConfig;
import org.rlhf4j.lm.lora.AdapterConfig;
import org.rlhf4j.lm.text.EncodingPolicy;
import org.rlhf4j.lm.text.TextTokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rlhf model info}: what a model directory holds. Reads headers, not weights. */
@Command(name = "info", description = "Show what a model directory holds.")
public final class ModelInfoCommand implements Callable<Integer> {
    /** A weight, its gradient and AdamW's two moments, each a float32. */
    private static final int TRAINING_BYTES = 4 * Float.BYTES;

    private final Terminal terminal;

    @Parameters(
            paramLabel = Models.LABEL,
            description = "A model directory in the layout of Hugging Face, or org/name on its Hub.")
    private Path directory = Path.of("");

    @Option(names = "--json", description = "Print the figures as one JSON object.")
    private boolean json;

    ModelInfoCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        Map<String, @Nullable Object> figures = new LinkedHashMap<>();
        try (Checkpoint checkpoint = Checkpoint.open(new Models(terminal).directory(directory))) {
            describe(checkpoint, figures);
            if (checkpoint.carriedFiles().containsKey("tokenizer.json")) {
                try (TextTokenizer tokenizer = checkpoint.openTokenizer()) {
                    describe(tokenizer, figures);
                }
            } else {
                line("tokenizer", "none");
            }
            checkpoint.sidecar().ifPresent(sidecar -> describe(sidecar, figures));
        }
        if (json) {
            terminal.json(figures);
        }
        return ExitCode.DONE;
    }

    private void describe(Checkpoint checkpoint, Map<String, @Nullable Object> figures) {
        PretrainedConfig config = checkpoint.config();
        Head head = checkpoint.head();
        figures.put("family", config.modelType());
        figures.put("kind", kind(head));
        figures.put("parameters", checkpoint.parameters());
        if (head == Head.NONE) {
            line("kind", "encoder without a score head (rlhf reward train puts one on it)");
        } else {
            line("kind", head == Head.SCALAR ? "reward model (one score a sequence)" : "language model");
        }
        if (config instanceof ModelConfig decoder) {
            checkpoint.base().adapterConfig().ifPresent(adapter -> describe(adapter, figures));
            describe(decoder, figures);
        } else if (config instanceof EncoderConfig encoder) {
            describe(encoder, figures);
        }
        figures.put("vocabulary", config.vocabulary());
        figures.put("context", config.context());
        figures.put("dtype", checkpoint.format().label());
        long weights = checkpoint.parameters() * Float.BYTES;
        long training = checkpoint.parameters() * TRAINING_BYTES;
        figures.put("bytes_loaded", weights);
        figures.put("bytes_training", training);
        line(
                "parameters",
                "%,d%s, stored as %s",
                checkpoint.parameters(),
                head == Head.LANGUAGE_MODEL ? tied(checkpoint.decoderConfig()) : "",
                checkpoint.format().label());
        line("vocabulary", "%,d embedding rows", config.vocabulary());
        line("context", "%,d tokens", config.context());
        line(
                "memory",
                "%s loaded in float32; %s trained with AdamW, activations not counted",
                mebibytes(weights),
                mebibytes(training));
        if (!checkpoint.droppedTensors().isEmpty()) {
            line("not read", String.join(", ", checkpoint.droppedTensors()));
        }
    }

    private static String kind(Head head) {
        return switch (head) {
            case NONE -> "encoder";
            case SCALAR -> "reward-model";
            case LANGUAGE_MODEL -> "language-model";
        };
    }

    private static String tied(ModelConfig config) {
        return config.tied() ? ", embedding and head tied" : ", embedding and head apart";
    }

    private void describe(ModelConfig config, Map<String, @Nullable Object> figures) {
        ModelConfig.Sizes sizes = config.sizes();
        figures.put("layers", sizes.layers());
        figures.put("hidden", sizes.hidden());
        figures.put("intermediate", sizes.intermediate());
        figures.put("heads", sizes.heads());
        figures.put("key_value_heads", sizes.keyValueHeads());
        figures.put("head_dim", sizes.headDim());
        figures.put("tied", config.tied());
        figures.put("positions", config.positionKind());
        line("family", config.modelType() + ", positions " + config.positionKind());
        describeWindows(config, figures);
        line(
                "sizes",
                "%d layers, hidden %d, intermediate %d, %d heads (%d for keys and values) of %d",
                sizes.layers(),
                sizes.hidden(),
                sizes.intermediate(),
                sizes.heads(),
                sizes.keyValueHeads(),
                sizes.headDim());
    }

    private void describe(AdapterConfig adapter, Map<String, @Nullable Object> figures) {
        figures.put("adapter_rank", adapter.lora().rank());
        figures.put("adapter_targets", adapter.lora().targets());
        figures.put("base", adapter.base().orElse(null));
        line(
                "adapter",
                "rank %d, alpha %s on %s%s, over %s",
                adapter.lora().rank(),
                adapter.lora().alpha(),
                String.join(", ", adapter.lora().targets()),
                adapter.lora().dora() ? ", DoRA" : "",
                adapter.base().orElse("a model it does not name"));
    }

    private void describe(EncoderConfig config, Map<String, @Nullable Object> figures) {
        EncoderConfig.Sizes sizes = config.sizes();
        figures.put("layers", sizes.layers());
        figures.put("hidden", sizes.hidden());
        figures.put("intermediate", sizes.intermediate());
        figures.put("heads", sizes.heads());
        figures.put("head_dim", sizes.headDim());
        figures.put("pooling", config.meanPooling() ? "mean" : "first_token");
        line(
                "family",
                config.modelType() + ", score read from " + (config.meanPooling() ? "all tokens" : "the first token"));
        line(
                "sizes",
                "%d layers, hidden %d, intermediate %d, %d heads of %d",
                sizes.layers(),
                sizes.hidden(),
                sizes.intermediate(),
                sizes.heads(),
                sizes.headDim());
    }

    private void describeWindows(ModelConfig config, Map<String, @Nullable Object> figures) {
        int layers = config.sizes().layers();
        int[] windows = IntStream.range(0, layers)
                .mapToObj(config::window)
                .flatMapToInt(OptionalInt::stream)
                .toArray();
        figures.put("window", windows.length == 0 ? null : windows[0]);
        figures.put("window_layers", windows.length);
        if (windows.length > 0) {
            line("window", "%,d tokens in %d of %d layers", windows[0], windows.length, layers);
        }
    }

    private void describe(TextTokenizer tokenizer, Map<String, @Nullable Object> figures) {
        figures.put("tokens", tokenizer.vocabularySize());
        figures.put("bos", boxed(tokenizer.bosId()));
        figures.put("eos", boxed(tokenizer.eosId()));
        figures.put("pad", boxed(tokenizer.padId()));
        figures.put("chat_template", tokenizer.hasChatTemplate());
        line(
                "tokenizer",
                "%,d tokens; BOS %s, EOS %s, padding %s",
                tokenizer.vocabularySize(),
                shown(tokenizer.bosId()),
                shown(tokenizer.eosId()),
                shown(tokenizer.padId()));
        tokenizer.chatTemplate().ifPresent(template -> {
            Optional<String> problem = template.problem();
            figures.put("chat_template_problem", problem.orElse(null));
            line("template", "%s", problem.orElse("writes conversations (--chat-format template)"));
        });
    }

    private void describe(ModelSidecar sidecar, Map<String, @Nullable Object> figures) {
        EncodingPolicy policy = sidecar.encoding();
        figures.put("encoding", policy.toJson());
        line(
                "encoding",
                "%s, %s, at most %,d tokens (longer: %s), unknown text: %s, chat format %s",
                policy.addBos() ? "BOS added" : "no BOS",
                policy.addEos() ? "EOS added" : "no EOS",
                policy.maxLength(),
                policy.onOverlong().label(),
                policy.onUnknown().label(),
                policy.chatFormat().label());
        Optional.ofNullable(sidecar.scores()).ifPresent(scores -> {
            figures.put("score_mean", scores.mean());
            figures.put("score_deviation", scores.deviation());
            line("scores", "mean %.4f, deviation %.4f over %,d", scores.mean(), scores.deviation(), scores.count());
        });
    }

    private void line(String name, String format, Object... args) {
        String value = args.length == 0 ? format : String.format(Locale.ROOT, format, args);
        terminal.result("%-12s%s", name, value);
    }

    private static @Nullable Object boxed(OptionalInt id) {
        return id.isPresent() ? id.getAsInt() : null;
    }

    private static String shown(OptionalInt id) {
        return id.isPresent() ? Integer.toString(id.getAsInt()) : "none";
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
    }
}
