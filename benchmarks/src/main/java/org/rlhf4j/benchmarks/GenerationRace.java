package org.rlhf4j.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.generate.GenerationConfig;
import org.rlhf4j.lm.generate.GenerationListener;
import org.rlhf4j.lm.generate.Sampling;

/** Greedy generation after prompts of 32 tokens; nothing ends a completion early. */
final class GenerationRace implements Race {
    private static final int PROMPT = 32;

    private final LanguageModel model;
    private final List<int[]> prompts;
    private final GenerationConfig config;

    GenerationRace(LanguageModel model, int rows, int tokens) {
        this.model = model;
        int vocabulary = model.config().sizes().vocabulary();
        this.prompts = IntStream.range(0, rows)
                .mapToObj(row -> Ids.row(row, PROMPT, vocabulary))
                .toList();
        this.config =
                GenerationConfig.endingAt(Set.of()).withMaxNewTokens(tokens).withSampling(Sampling.GREEDY);
    }

    /** The ids of all completions. */
    @Override
    public String step() {
        return model.generateIds(prompts, config, GenerationListener.NONE).stream()
                .map(completion -> Arrays.toString(completion.ids()))
                .toList()
                .toString();
    }

    @Override
    public void close() {}
}
