package org.rlhf4j.lm.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;

/**
 * The special tokens around a prompt and its completion.
 *
 * @param before the prompt
 * @param between prompt and completion
 * @param after the completion
 */
@SuppressWarnings("ArrayRecordComponent") // made here, never handed out
record Frame(int[] before, int[] between, int[] after) {
    private static final int[] NOTHING = {};

    /** No tokens at all. */
    static final Frame NONE = new Frame(NOTHING, NOTHING, NOTHING);

    /** One token before the prompt. */
    static Frame starting(int id) {
        return new Frame(new int[] {id}, NOTHING, NOTHING);
    }

    /**
     * BOS and EOS, as a policy wants them.
     *
     * @throws DataFormatException if the tokenizer does not have one that is wanted
     */
    static Frame of(TextTokenizer tokenizer, EncodingPolicy policy) {
        return new Frame(
                policy.addBos() ? require(tokenizer.bosId(), "BOS") : NOTHING,
                NOTHING,
                policy.addEos() ? require(tokenizer.eosId(), "EOS") : NOTHING);
    }

    private static int[] require(OptionalInt id, String name) {
        if (id.isEmpty()) {
            throw new DataFormatException(
                    "the encoding policy adds a " + name + " token, but the tokenizer names none");
        }
        return new int[] {id.getAsInt()};
    }

    /**
     * What a tokenizer's own definition puts around the two texts of a pair, such as {@code [CLS] A [SEP] B [SEP]}.
     *
     * @param processor the {@code post_processor} of {@code tokenizer.json}
     * @param ids gives the id of a token
     * @return null if it does not say
     */
    static @Nullable Frame ofPair(JsonNode processor, ToIntFunction<String> ids) {
        return switch (processor.path("type").asText("")) {
            case "TemplateProcessing" -> ofTemplate(processor, ids);
            case "BertProcessing" -> {
                int[] sep = token(processor, "sep");
                yield new Frame(token(processor, "cls"), sep, sep);
            }
            case "RobertaProcessing" -> {
                int[] sep = token(processor, "sep");
                yield new Frame(token(processor, "cls"), new int[] {sep[0], sep[0]}, sep);
            }
            case "Sequence" -> {
                @Nullable Frame found = null;
                for (JsonNode part : processor.path("processors")) {
                    found = found == null ? ofPair(part, ids) : found;
                }
                yield found;
            }
            default -> null;
        };
    }

    /** A token stands there as {@code ["[SEP]", 102]}. */
    private static int[] token(JsonNode processor, String role) {
        JsonNode id = processor.path(role).path(1);
        if (!id.isInt()) {
            throw new DataFormatException("\"" + role + "\" of the post_processor must be a token and its id");
        }
        return new int[] {id.intValue()};
    }

    private static @Nullable Frame ofTemplate(JsonNode processor, ToIntFunction<String> ids) {
        List<List<Integer>> stretches = new ArrayList<>(List.of(new ArrayList<>()));
        StringBuilder order = new StringBuilder();
        for (JsonNode part : processor.path("pair")) {
            String sequence = part.path("Sequence").path("id").asText("");
            if (!sequence.isEmpty()) {
                order.append(sequence);
                stretches.add(new ArrayList<>());
            } else {
                List<Integer> last = stretches.get(stretches.size() - 1);
                special(processor, part.path("SpecialToken").path("id").asText(""), ids)
                        .forEach(last::add);
            }
        }
        return order.toString().equals("AB")
                ? new Frame(array(stretches.get(0)), array(stretches.get(1)), array(stretches.get(2)))
                : null;
    }

    private static IntStream special(JsonNode processor, String name, ToIntFunction<String> ids) {
        JsonNode listed = processor.path("special_tokens").path(name).path("ids");
        return listed instanceof MissingNode
                ? IntStream.of(ids.applyAsInt(name))
                : listed.valueStream().mapToInt(JsonNode::asInt);
    }

    private static int[] array(List<Integer> ids) {
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Tokens before the completion that are not of the prompt. */
    int lead() {
        return before.length + between.length;
    }

    /** A prompt with what is before it and after it. */
    int[] around(int[] prompt) {
        return Stream.of(before, prompt, between).flatMapToInt(IntStream::of).toArray();
    }

    /** Whether a completion has what follows it already. */
    boolean isClosed(int[] completion) {
        int from = completion.length - after.length;
        return from >= 0 && Arrays.equals(completion, from, completion.length, after, 0, after.length);
    }
}
