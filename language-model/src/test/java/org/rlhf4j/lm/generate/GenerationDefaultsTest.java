package org.rlhf4j.lm.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.DataFormatException;

class GenerationDefaultsTest {
    private static GenerationDefaults read(String json) {
        return GenerationDefaults.read(json.getBytes(StandardCharsets.UTF_8), "generation_config.json", Set.of(9));
    }

    @Test
    void aFileThatSaysNothingMeansGreedyAndTheModelsOwnEnd() {
        GenerationConfig config =
                read("{\"_from_model_config\": true, \"bos_token_id\": 1}").config();
        assertThat(config).isEqualTo(GenerationConfig.endingAt(Set.of(9)));
        assertThat(config.sampling()).isEqualTo(Sampling.GREEDY);
    }

    @Test
    void oneEndOrSeveral() {
        assertThat(read("{\"eos_token_id\": 2}").config().eosIds()).containsExactly(2);
        assertThat(read("{\"eos_token_id\": [2, 7]}").config().eosIds()).containsExactlyInAnyOrder(2, 7);
        assertThat(read("{\"eos_token_id\": null}").config().eosIds()).containsExactly(9);
    }

    @Test
    void samplingIsReadOnlyWhereTheFileSaysToSample() {
        String settings = "\"temperature\": 0.6, \"top_k\": 40, \"top_p\": 0.9, \"min_p\": 0.1,"
                + " \"repetition_penalty\": 1.1, \"max_new_tokens\": 50, \"stop_strings\": \"END\"";
        GenerationConfig sampled =
                read("{\"do_sample\": true, " + settings + "}").config();
        assertThat(sampled.sampling()).isEqualTo(new Sampling(0.6, 40, 0.9, 0.1, 1.1));
        assertThat(sampled.maxNewTokens()).isEqualTo(50);
        assertThat(sampled.stopStrings()).containsExactly("END");
        assertThat(read("{" + settings + "}").config().sampling()).isEqualTo(new Sampling(0, 0, 1, 0, 1.1));
        assertThat(read("{\"do_sample\": true}").config().sampling()).isEqualTo(Sampling.atTemperature(1));
    }

    @Test
    void whatWouldChangeCompletionsAndIsNotSupportedIsTold() {
        GenerationDefaults defaults = read("{\"num_beams\": 4, \"typical_p\": 1.0, \"no_repeat_ngram_size\": 0,"
                + " \"bad_words_ids\": [[3]], \"suppress_tokens\": [], \"pad_token_id\": 0}");
        assertThat(defaults.ignored()).isEqualTo(List.of("num_beams: 4", "bad_words_ids: [[3]]"));
    }

    @Test
    void aBadValueIsAnErrorWithItsFile() {
        refused("{\"eos_token_id\": \"2\"}", "field \"eos_token_id\" must be an integer but is a string");
        refused("{\"eos_token_id\": [2, -1]}", "must be token ids but has -1");
        refused("{\"do_sample\": 1}", "must be true or false");
        refused("{\"do_sample\": true, \"top_p\": 1.5}", "top-p is 1.5");
        refused("{\"max_new_tokens\": 0}", "the limit is 0 new tokens");
        refused("[]", "must be a JSON object");
        refused("{", "generation_config.json");
    }

    private static void refused(String json, String message) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("generation_config.json")
                .hasMessageContaining(message);
    }
}
