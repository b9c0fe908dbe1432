package org.rlhf4j.cli.train;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.config.ConfigReader;
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

        @Doc("The day the run began: what a chat template is told where none is stored with the model.") @Nullable
        String today,

        @Doc("Longest sequence in tokens.") @Nullable Integer maxLength,

        @Doc("What a longer row does: error, truncate (the left of the prompt) or drop.") @Nullable
        OnOverlong onOverlong) {

    /** No change. */
    public static final TextEncoding AS_STORED = new TextEncoding(null, null, null, null, null);

    /** Checks the days. */
    public TextEncoding {
        requireDay("templateDate", templateDate);
        requireDay("today", today);
    }

    private static void requireDay(String name, @Nullable String day) {
        if (day != null) {
            try {
                LocalDate.parse(day);
            } catch (DateTimeParseException e) {
                throw new IllegalArgumentException(name + " is \"" + day + "\", must be a day such as 2025-03-07", e);
            }
        }
    }

    /**
     * Settings whose {@code encoding.today} is the day of now, in UTC, unless a file of them has another: a run that goes on
     * later tells its template the day on which it began.
     *
     * @param reader holds the defaults
     * @param <C> the command's record of settings
     */
    public static <C extends Record> ConfigReader<C> beginningToday(ConfigReader<C> reader) {
        return reader.defaults("encoding.today", LocalDate.now(ZoneOffset.UTC).toString());
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
        if (today != null) {
            policy = policy.decided(LocalDate.parse(today));
        }
        if (maxLength != null) {
            policy = policy.withMaxLength(maxLength);
        }
        return onOverlong == null ? policy : policy.withOnOverlong(onOverlong);
    }
}
