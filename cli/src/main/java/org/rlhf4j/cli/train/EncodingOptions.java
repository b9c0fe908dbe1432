package org.rlhf4j.cli.train;

import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.lm.text.ChatFormat;
import org.rlhf4j.lm.text.EncodingPolicy;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options that change how text becomes tokens, against what is stored with the model. */
public final class EncodingOptions {
    @Option(
            names = "--chat-format",
            paramLabel = "none|template|chatml|human-assistant",
            converter = ChatFormatName.class,
            description =
                    "How conversations are written down; what the model was trained with when absent, or else its own"
                            + " chat template (template) where it has one.")
    private @Nullable ChatFormat chatFormat;

    @Option(
            names = "--template-date",
            paramLabel = "YYYY-MM-DD",
            converter = Day.class,
            description = "The day that a chat template is told; the stored one, or else today, when absent.")
    private @Nullable LocalDate templateDate;

    @Option(
            names = "--max-length",
            paramLabel = "TOKENS",
            description = "Longest sequence; the model's own limit when absent.")
    private @Nullable Integer maxLength;

    @Option(
            names = "--on-overlong",
            paramLabel = "error|truncate|drop",
            description =
                    "What a longer row does: error (the default: ends the command), truncate (loses the left of its"
                            + " prompt, a plain text its end) or drop (is left out).")
    private EncodingPolicy.@Nullable OnOverlong onOverlong;

    /**
     * For commands that answer every prompt.
     *
     * @throws UsageException if rows are to be left out
     */
    public void refuseDrop() {
        if (onOverlong == EncodingPolicy.OnOverlong.DROP) {
            throw new UsageException(
                    "--on-overlong drop leaves out rows of training data; every prompt here gets an answer:"
                            + " choose error or truncate");
        }
    }

    /** What was asked for. */
    public TextEncoding chosen() {
        return new TextEncoding(
                chatFormat, templateDate == null ? null : templateDate.toString(), null, maxLength, onOverlong);
    }

    /** A day of the calendar. */
    private static final class Day implements ITypeConverter<LocalDate> {
        @Override
        public LocalDate convert(String text) {
            try {
                return LocalDate.parse(text);
            } catch (DateTimeParseException e) {
                throw new TypeConversionException("'" + text + "' is no date, give YYYY-MM-DD");
            }
        }
    }

    /** Chat formats go by their labels, which have hyphens. */
    private static final class ChatFormatName implements ITypeConverter<ChatFormat> {
        @Override
        public ChatFormat convert(String label) {
            return ChatFormat.named(label);
        }
    }
}
