package org.rlhf4j.cli.train;

import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.config.Doc;
import org.rlhf4j.lm.text.ChatFormat;
import org.rlhf4j.lm.text.EncodingPolicy;
import org.rlhf4j.lm.text.EncodingPolicy.OnOverlong;

/** Changes of a model's own way from text to tokens; what is absent stays as it is stored, or as it fits. */
public record TextEncoding(
        @Doc("How conversations are written down: none, template, chatml or human-assistant.") @Nullable
        ChatFormat chatFormat,

        @Doc("The day that a chat template is told, such as 2025-03-07.") @Nullable
        String templateDate,

        @Doc("Longest sequence in tokens.") @Nullable Integer maxLength,

        @Doc("What a longer row does: error, truncate (the left of the prompt) or drop.") @Nullable
        OnOverlong onOverlong) {

    /** No change. */
    public static final TextEncoding AS_STORED = new TextEncoding(null, null, null, null);

    /** Checks the day. */
    public TextEncoding {
        if (templateDate != null) {
            try {
                LocalDate.parse(templateDate);
            } catch (DateTimeParseException e) {
                throw new IllegalArgumentException(
                        "templateDate is \"" + templateDate + "\", must be a day such as 2025-03-07", e);
            }
        }
    }

    /** A policy with these changes. */
    public EncodingPolicy apply(EncodingPolicy stored) {
        EncodingPolicy policy = stored;
        if (chatFormat != null) {
            policy = policy.withChatFormat(chatFormat);
        }
        if (templateDate != null) {
            policy = policy.withTemplateDate(LocalDate.parse(templateDate));
        }
        if (maxLength != null) {
            policy = policy.withMaxLength(maxLength);
        }
        return onOverlong == null ? policy : policy.withOnOverlong(onOverlong);
    }
}
