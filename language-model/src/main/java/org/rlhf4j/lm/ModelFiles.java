package org.rlhf4j.lm;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.ModelDirectory;
import org.rlhf4j.lm.text.TextTokenizer;

/**
 * The files of a model directory that are neither configuration nor weights: tokenizer, chat template, generation settings,
 * licence. They are carried over to what is made from the model, byte by byte.
 */
final class ModelFiles {
    static final String CONFIG = "config.json";

    private static final List<String> CARRIED = List.of(
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "vocab.json",
            "merges.txt",
            "vocab.txt",
            "tokenizer.model",
            "spiece.model",
            "chat_template.jinja",
            "generation_config.json",
            "LICENSE",
            "LICENSE.txt",
            "LICENSE.md",
            "NOTICE",
            "USE_POLICY.md");

    private ModelFiles() {}

    /** The files that are carried over, in a fixed order. */
    static Map<String, byte[]> carried(Path directory) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (String name : CARRIED) {
            byte @Nullable [] content = ModelDirectory.read(directory, name);
            if (content != null) {
                files.put(name, content);
            }
        }
        files.putAll(TextTokenizer.namedTemplates(directory));
        return files;
    }
}
