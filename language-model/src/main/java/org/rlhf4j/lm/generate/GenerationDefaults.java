package org.rlhf4j.lm.generate;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;

/**
 * What a model's files say about generation. A key that is absent is off: sampling is greedy without {@code do_sample}, and
 * {@code top_k} has no hidden default.
 *
 * @param config the settings
 * @param ignored keys of {@code generation_config.json} that would change completions and are not supported, as
 *     {@code name: value}
 */
public record GenerationDefaults(GenerationConfig config, List<String> ignored) {
    /** The file's name in a model directory. */
    public static final String FILE = "generation_config.json";

    /** Keys whose value 1 changes nothing. */
    private static final Set<String> NEUTRAL_AT_ONE =
            Set.of("num_beams", "typical_p", "guidance_scale", "encoder_repetition_penalty", "top_h");

    /** Keys whose value 0 changes nothing. */
    private static final Set<String> NEUTRAL_AT_ZERO = Set.of(
            "no_repeat_ngram_size",
            "encoder_no_repeat_ngram_size",
            "epsilon_cutoff",
            "eta_cutoff",
            "penalty_alpha",
            "min_length",
            "min_new_tokens");

    /** Keys of transformers that change what is generated and have no counterpart here. */
    private static final List<String> UNSUPPORTED = List.of(
            "max_length",
            "max_time",
            "num_beams",
            "no_repeat_ngram_size",
            "encoder_no_repeat_ngram_size",
            "encoder_repetition_penalty",
            "typical_p",
            "top_h",
            "epsilon_cutoff",
            "eta_cutoff",
            "penalty_alpha",
            "guidance_scale",
            "min_length",
            "min_new_tokens",
            "bad_words_ids",
            "force_words_ids",
            "sequence_bias",
            "suppress_tokens",
            "begin_suppress_tokens",
            "forced_bos_token_id",
            "forced_eos_token_id",
            "exponential_decay_length_penalty",
            "watermarking_config");

    /** Copies the list. */
    public GenerationDefaults {
        ignored = List.copyOf(ignored);
    }

    /** The defaults of a model without the file. */
    public static GenerationDefaults endingAt(Set<Integer> eosIds) {
        return new GenerationDefaults(GenerationConfig.endingAt(eosIds), List.of());
    }

    /**
     * Reads a {@code generation_config.json}.
     *
     * @param content its content
     * @param file where it stands, for messages
     * @param eosIds the tokens that end a text where the file names none
     * @throws DataFormatException if a key that is read has a value that it cannot have
     */
    public static GenerationDefaults read(byte[] content, String file, Set<Integer> eosIds) {
        JsonFields fields;
        try {
            fields = JsonFields.of(Json.parse(content), file, 0);
        } catch (DataFormatException e) {
            throw e.at(file, 0);
        }
        try {
            GenerationConfig config = GenerationConfig.endingAt(fields.has("eos_token_id") ? eos(fields) : eosIds)
                    .withSampling(sampling(fields))
                    .withStopStrings(stops(fields))
                    .withMaxNewTokens(fields.int32("max_new_tokens", GenerationConfig.MAX_NEW_TOKENS));
            return new GenerationDefaults(config, ignored(fields));
        } catch (IllegalArgumentException e) {
            throw fields.fail(String.valueOf(e.getMessage()));
        }
    }

    private static Sampling sampling(JsonFields fields) {
        double penalty = fields.number("repetition_penalty", 1);
        if (!fields.bool("do_sample", false)) {
            return new Sampling(0, 0, 1, 0, penalty);
        }
        return new Sampling(
                fields.number("temperature", 1),
                fields.int32("top_k", 0),
                fields.number("top_p", 1),
                fields.number("min_p", 0),
                penalty);
    }

    private static Set<Integer> eos(JsonFields fields) {
        long[] ids = fields.required("eos_token_id").isArray()
                ? fields.integers("eos_token_id")
                : new long[] {fields.integer("eos_token_id")};
        Set<Integer> set = new TreeSet<>();
        for (long id : ids) {
            if (id < 0 || id > Integer.MAX_VALUE) {
                throw fields.problem("eos_token_id", "must be token ids but has " + id);
            }
            set.add((int) id);
        }
        return set;
    }

    private static List<String> stops(JsonFields fields) {
        @Nullable JsonNode value = fields.optional("stop_strings");
        if (value == null) {
            return List.of();
        }
        return value.isArray() ? fields.texts("stop_strings") : List.of(fields.text("stop_strings"));
    }

    private static List<String> ignored(JsonFields fields) {
        List<String> ignored = new ArrayList<>();
        for (String name : UNSUPPORTED) {
            @Nullable JsonNode value = fields.optional(name);
            if (value != null && !isNeutral(name, value)) {
                ignored.add(name + ": " + value);
            }
        }
        return ignored;
    }

    private static boolean isNeutral(String name, JsonNode value) {
        return (value.isContainerNode() && value.isEmpty())
                || (NEUTRAL_AT_ONE.contains(name) && value.isNumber() && value.doubleValue() == 1)
                || (NEUTRAL_AT_ZERO.contains(name) && value.isNumber() && value.doubleValue() == 0);
    }
}
