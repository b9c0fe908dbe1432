package org.rlhf4j.lm.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.testing.Golden;

/** Tokenizers in the shape of each family give transformers' ids and texts on hard texts. */
class TokenizerFamiliesTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path parent;

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "neox", "qwen2", "gemma", "bert", "deberta", "xlmr", "albert"})
    void idsAndTextsAreThoseOfTransformers(String family) {
        JsonNode golden = Golden.json("tokenizer/" + family);
        try (TextTokenizer tokenizer = TextTokenizer.open(Golden.copyDirectory("tokenizer/" + family, parent))) {
            assertThat(tokenizer.vocabularySize())
                    .isEqualTo(golden.get("vocabulary").intValue());
            for (JsonNode each : Golden.cases("tokenizer/" + family, "cases")) {
                String text = each.get("text").textValue();
                int[] content = Golden.ints(each.get("ids_plain"));
                int[] template = Golden.ints(each.get("ids_control"));
                assertThat(tokenizer.encodeContent(text)).as("content %s", text).isEqualTo(content);
                assertThat(tokenizer.encodeTemplate(text))
                        .as("template %s", text)
                        .isEqualTo(template);
                assertThat(tokenizer.decode(content, false))
                        .as("decoded content %s", text)
                        .isEqualTo(each.get("decoded_plain").textValue());
                assertThat(tokenizer.decode(template, false))
                        .as("decoded template %s", text)
                        .isEqualTo(each.get("decoded").textValue());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "neox", "qwen2", "gemma", "bert", "deberta", "xlmr", "albert"})
    void contentNeverHoldsASpecialToken(String family) {
        JsonNode golden = Golden.json("tokenizer/" + family);
        try (TextTokenizer tokenizer = TextTokenizer.open(Golden.copyDirectory("tokenizer/" + family, parent))) {
            String all = String.join(" ", tokenizer.specials().keySet());
            int unknown = golden.path("special_ids").path("unk").asInt(-1);
            Map<String, Integer> specials = tokenizer.specials();
            assertThat(specials).isNotEmpty();
            for (int id : tokenizer.encodeContent(all + all.replace(" ", ""))) {
                if (id != unknown) {
                    assertThat(specials).doesNotContainValue(id);
                }
            }
            assertThat(tokenizer.encodeTemplate(all).length).isLessThan(tokenizer.encodeContent(all).length);
        }
    }
}
