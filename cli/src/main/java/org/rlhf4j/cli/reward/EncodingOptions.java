package org.rlhf4j.cli.reward;

import org.jspecify.annotations.Nullable;
import org.rlhf4j.lm.text.ChatFormat;
import org.rlhf4j.lm.text.EncodingPolicy;
import picocli.CommandLine.Option;

/** Options that change how text becomes tokens, against what is stored with the model. */
final class EncodingOptions {
    @Option(
            names = "--chat-format",
            paramLabel = "none|chatml|human-assistant",
            description = "How conversations are written down; what the model was trained with when absent.")
    private @Nullable String chatFormat;

    @Option(
            names = "--max-length",
            paramLabel = "TOKENS",
            description = "Longest sequence; the model's own limit when absent.")
    private @Nullable Integer maxLength;

    @Option(
            names = "--on-overlong",
            paramLabel = "error|truncate|drop",
            description = "What a longer row does: end the command, lose the left of its prompt, or be left out.")
    private EncodingPolicy.@Nullable OnOverlong onOverlong;

    /** The stored policy with what was asked for. */
    EncodingPolicy apply(EncodingPolicy stored) {
        EncodingPolicy policy = stored;
        if (chatFormat != null) {
            policy = policy.withChatFormat(ChatFormat.named(chatFormat));
        }
        if (maxLength != null) {
            policy = policy.withMaxLength(maxLength);
        }
        return onOverlong == null ? policy : policy.withOnOverlong(onOverlong);
    }
}
