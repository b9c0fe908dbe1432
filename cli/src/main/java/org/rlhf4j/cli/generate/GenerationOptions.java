package org.rlhf4j.cli.generate;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.lm.generate.GenerationConfig;
import org.rlhf4j.lm.generate.Sampling;
import picocli.CommandLine.Option;

/** Options that say how completions are generated, against what stands in the model's files. */
public final class GenerationOptions {
    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            description = "Most tokens of a completion; the model's generation_config.json says it, or else it is 256.")
    private @Nullable Integer maxNewTokens;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description =
                    "Divides the logits; 0 always takes the most likely token. Without it and without do_sample in"
                            + " generation_config.json it is 0.")
    private @Nullable Double temperature;

    @Option(names = "--top-k", paramLabel = "K", description = "Only the K most likely tokens; 0 is off.")
    private @Nullable Integer topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "Only the most likely tokens that together reach probability P; 1 is off.")
    private @Nullable Double topP;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            description = "Only tokens at least P times as likely as the most likely one; 0 is off.")
    private @Nullable Double minP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "X",
            description = "Weakens tokens of the prompt and of the completion so far; 1 is off.")
    private @Nullable Double repetitionPenalty;

    @Option(
            names = "--stop",
            paramLabel = "TEXT",
            description = "Ends a completion before this text; may be given several times.")
    private List<String> stops = new ArrayList<>();

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Decides every draw: the same seed gives the same completions. Default: ${DEFAULT-VALUE}.")
    private long seed;

    /**
     * The model's own settings with what was asked for.
     *
     * @param defaults of the model
     * @throws UsageException if a value is out of range, or a filter is asked for where nothing is drawn
     */
    public GenerationConfig applyTo(GenerationConfig defaults) {
        try {
            Sampling own = defaults.sampling();
            Sampling sampling = new Sampling(
                    or(temperature, own.temperature()),
                    or(topK, own.topK()),
                    or(topP, own.topP()),
                    or(minP, own.minP()),
                    or(repetitionPenalty, own.repetitionPenalty()));
            if (sampling.isGreedy() && (topK != null || topP != null || minP != null)) {
                throw new UsageException(
                        "--top-k, --top-p and --min-p say what is drawn from, and temperature 0 draws nothing: add --temperature 1");
            }
            List<String> all = new ArrayList<>(defaults.stopStrings());
            all.addAll(stops);
            return defaults.withSampling(sampling)
                    .withMaxNewTokens(or(maxNewTokens, defaults.maxNewTokens()))
                    .withStopStrings(all)
                    .withSeed(seed);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    private static <T> T or(@Nullable T asked, T own) {
        return asked == null ? own : asked;
    }
}
