package org.rlhf4j.lm;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.rlhf4j.base.Content;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.generate.GeneratedCompletion;
import org.rlhf4j.lm.generate.GenerationConfig;
import org.rlhf4j.lm.generate.GenerationListener;

/**
 * What a model makes of prompts.
 *
 * @param model completes them
 */
record Completions(LanguageModel model) {
    /** Those of plain text and conversations, one after the other as {@link LanguageModel#generate} has them. */
    List<GeneratedCompletion> of(
            List<Content> prompts, int samples, GenerationConfig config, GenerationListener listener) {
        List<Generator.Prompt> rows = new ArrayList<>();
        for (Content prompt : prompts) {
            int[] ids = model.encodePrompt(prompt, config.maxNewTokens()).ids();
            Generator.Prompt row = new Generator.Prompt(
                    ids, model.encoder().stops(prompt), model.encoder().answersStartWithSpace(prompt));
            rows.addAll(Collections.nCopies(samples, row));
        }
        return complete(rows, model.encoder().policy().maxLength(), config, listener);
    }

    /** Those of token ids. */
    List<GeneratedCompletion> ofIds(List<int[]> prompts, GenerationConfig config, GenerationListener listener) {
        List<Generator.Prompt> rows = prompts.stream()
                .map(ids -> new Generator.Prompt(ids, List.of(), false))
                .toList();
        return complete(rows, model.config().sizes().context(), config, listener);
    }

    private List<GeneratedCompletion> complete(
            List<Generator.Prompt> rows, int limit, GenerationConfig config, GenerationListener listener) {
        return Torch.call(() -> {
            try (Generator generator = model.generator()) {
                return generator.generate(rows, limit, config, listener);
            }
        });
    }
}
