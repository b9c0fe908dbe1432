package org.rlhf4j.lm.text;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.base.NearestName;

/**
 * Every decision between a row of text and its token ids. It is stored with a trained model, and the model is used with
 * the policy that it was trained with.
 *
 * @param addBos whether a sequence starts with the tokenizer's BOS token
 * @param addEos whether a completion ends with the tokenizer's EOS token (never two of them)
 * @param maxLength longest sequence in tokens, BOS and EOS included
 * @param onOverlong what happens to a row that is longer
 * @param onUnknown what happens to text that the tokenizer has no token for
 * @param chatFormat how conversations are written down
 * @param templateDate the day that a chat template is told by {@code strftime_now}, so that the same row never has other
 *     ids on another day; null with the formats that have no template, and where it is not {@linkplain #decided decided} yet
 */
public record EncodingPolicy(
        boolean addBos,
        boolean addEos,
        int maxLength,
        OnOverlong onOverlong,
        OnUnknown onUnknown,
        ChatFormat chatFormat,
        @Nullable LocalDate templateDate) {

    /** What happens to a row that is longer than the limit. */
    public enum OnOverlong {
        /** The run stops before its first step and names the rows. */
        ERROR,
        /**
         * Tokens are removed from the left of the prompt, as many for each completion of a row; completions are never
         * cut, and a row whose completion alone is too long is an error. Plain text that is all completion loses its end.
         * Such rows are counted.
         */
        TRUNCATE,
        /** The row is left out and counted. */
        DROP;

        /** The name on the command line and in files. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        /**
         * The choice of a name.
         *
         * @throws IllegalArgumentException if there is none of that name
         */
        public static OnOverlong named(String label) {
            return choose("overlong policy", label, values());
        }
    }

    /** What happens to text that the tokenizer has no token for. */
    public enum OnUnknown {
        /** It is an error that names the text. */
        ERROR,
        /** It becomes the tokenizer's unknown token, or vanishes where there is none, and is counted. */
        COUNT;

        /** The name on the command line and in files. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        /**
         * The choice of a name.
         *
         * @throws IllegalArgumentException if there is none of that name
         */
        public static OnUnknown named(String label) {
            return choose("policy for unknown text", label, values());
        }
    }

    /** Checks the limit. */
    public EncodingPolicy {
        if (maxLength < 2) {
            throw new IllegalArgumentException("the longest sequence is " + maxLength + " tokens, must be at least 2");
        }
        templateDate = chatFormat == ChatFormat.TEMPLATE ? templateDate : null;
    }

    /** A policy whose template, where it has one, has no day yet. */
    public EncodingPolicy(
            boolean addBos,
            boolean addEos,
            int maxLength,
            OnOverlong onOverlong,
            OnUnknown onUnknown,
            ChatFormat chatFormat) {
        this(addBos, addEos, maxLength, onOverlong, onUnknown, chatFormat, null);
    }

    /**
     * The policy that fits a tokenizer: BOS where the tokenizer itself puts one in front of a text, EOS where it has one,
     * conversations by the checkpoint's own template where it brings one, and errors instead of silent changes.
     *
     * @param tokenizer the tokenizer
     * @param maxLength longest sequence in tokens
     */
    public static EncodingPolicy of(TextTokenizer tokenizer, int maxLength) {
        return new EncodingPolicy(
                tokenizer.addsBos(),
                tokenizer.eosId().isPresent(),
                maxLength,
                OnOverlong.ERROR,
                OnUnknown.ERROR,
                tokenizer.hasChatTemplate() ? ChatFormat.TEMPLATE : ChatFormat.NONE);
    }

    /**
     * The policy of a model that reads pairs of texts: the special tokens are those that its tokenizer puts around them.
     *
     * @param maxLength longest sequence in tokens
     */
    public static EncodingPolicy ofPairs(int maxLength) {
        return new EncodingPolicy(true, true, maxLength, OnOverlong.ERROR, OnUnknown.ERROR, ChatFormat.NONE);
    }

    /** The same policy with another chat format. */
    public EncodingPolicy withChatFormat(ChatFormat other) {
        return new EncodingPolicy(addBos, addEos, maxLength, onOverlong, onUnknown, other, templateDate);
    }

    /** The same policy with another limit. */
    public EncodingPolicy withMaxLength(int other) {
        return new EncodingPolicy(addBos, addEos, other, onOverlong, onUnknown, chatFormat, templateDate);
    }

    /** The same policy with another choice for rows beyond the limit. */
    public EncodingPolicy withOnOverlong(OnOverlong other) {
        return new EncodingPolicy(addBos, addEos, maxLength, other, onUnknown, chatFormat, templateDate);
    }

    /** The same policy with another choice for unknown text. */
    public EncodingPolicy withOnUnknown(OnUnknown other) {
        return new EncodingPolicy(addBos, addEos, maxLength, onOverlong, other, chatFormat, templateDate);
    }

    /** The same policy with another day for the template. */
    public EncodingPolicy withTemplateDate(LocalDate other) {
        return new EncodingPolicy(addBos, addEos, maxLength, onOverlong, onUnknown, chatFormat, other);
    }

    /**
     * The same policy, its day decided where that is still open.
     *
     * @param today the day for a template that has none
     */
    public EncodingPolicy decided(LocalDate today) {
        return templateDate == null ? withTemplateDate(today) : this;
    }

    /** The policy as it is stored with a model. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("add_bos", addBos);
        json.put("add_eos", addEos);
        json.put("max_length", maxLength);
        json.put("on_overlong", onOverlong.label());
        json.put("on_unknown", onUnknown.label());
        json.put("chat_format", chatFormat.label());
        if (templateDate != null) {
            json.put("template_date", templateDate.toString());
        }
        return json;
    }

    /**
     * Reads what {@link #toJson()} wrote.
     *
     * @throws org.rlhf4j.base.DataFormatException if a key is missing, unknown or has a value that is not allowed
     */
    public static EncodingPolicy fromJson(JsonFields json) {
        json.allowOnly(List.of(
                "add_bos", "add_eos", "max_length", "on_overlong", "on_unknown", "chat_format", "template_date"));
        try {
            ChatFormat format = ChatFormat.named(json.text("chat_format"));
            return new EncodingPolicy(
                    json.bool("add_bos"),
                    json.bool("add_eos"),
                    json.int32("max_length"),
                    OnOverlong.named(json.text("on_overlong")),
                    OnUnknown.named(json.text("on_unknown")),
                    format,
                    format == ChatFormat.TEMPLATE ? LocalDate.parse(json.text("template_date")) : null);
        } catch (IllegalArgumentException | DateTimeParseException e) {
            throw json.fail(String.valueOf(e.getMessage()));
        }
    }

    private static <E extends Enum<E>> E choose(String kind, String label, E[] values) {
        for (E value : values) {
            if (value.name().toLowerCase(Locale.ROOT).equals(label)) {
                return value;
            }
        }
        List<String> known = Arrays.stream(values)
                .map(value -> value.name().toLowerCase(Locale.ROOT))
                .toList();
        throw new IllegalArgumentException(NearestName.unknown(kind, label, known));
    }
}
