package org.rlhf4j.lm.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Message;
import org.rlhf4j.base.NearestName;

/**
 * How a conversation is written down as text. Plain-text rows are the same under every format.
 *
 * <p>The choice is the user's and is stored with a trained model. A checkpoint's own Jinja template is never used in its
 * place.
 */
public enum ChatFormat {
    /** Conversations are refused; only plain text is encoded. */
    NONE("none", Set.of()) {
        @Override
        List<Segment> prompt(List<Message> messages) {
            throw refused();
        }

        @Override
        List<Segment> completion(List<Message> messages) {
            throw refused();
        }

        private DataFormatException refused() {
            return new DataFormatException(
                    "is a conversation, and how to write it down was not chosen: use --chat-format"
                            + " chatml or --chat-format human-assistant");
        }
    },

    /**
     * ChatML: {@code <|im_start|>role\ncontent<|im_end|>\n} a turn, and {@code <|im_start|>assistant\n} before the
     * completion, which ends in {@code <|im_end|>}. Where the tokenizer has the two markers as special tokens they become
     * those; otherwise they are plain text.
     */
    CHATML("chatml", Set.of("system", "user", "assistant", "tool")) {
        @Override
        List<Segment> prompt(List<Message> messages) {
            List<Segment> segments = new ArrayList<>();
            for (Message message : requirePrompt(messages)) {
                turn(message, segments);
                segments.add(Segment.text("\n"));
            }
            segments.add(Segment.marker(IM_START));
            segments.add(Segment.text("assistant\n"));
            return segments;
        }

        @Override
        List<Segment> completion(List<Message> messages) {
            requireCompletion(messages);
            List<Segment> segments = new ArrayList<>();
            segments.add(Segment.text(messages.get(0).content()));
            segments.add(Segment.marker(IM_END));
            for (Message message : messages.subList(1, messages.size())) {
                segments.add(Segment.text("\n"));
                turn(message, segments);
            }
            return segments;
        }

        private void turn(Message message, List<Segment> segments) {
            segments.add(Segment.marker(IM_START));
            segments.add(Segment.text(message.role() + "\n" + message.content()));
            segments.add(Segment.marker(IM_END));
        }
    },

    /**
     * The dialogues of hh-rlhf (Bai et al., arXiv:2204.05862): {@code \n\nHuman: content} and {@code \n\nAssistant:
     * content}. The prompt ends in {@code \n\nAssistant:} and the completion starts with the space after it.
     */
    HUMAN_ASSISTANT("human-assistant", Set.of("user", "assistant")) {
        @Override
        List<Segment> prompt(List<Message> messages) {
            return List.of(Segment.text(dialogue(requirePrompt(messages)) + "\n\nAssistant:"));
        }

        @Override
        List<Segment> completion(List<Message> messages) {
            requireCompletion(messages);
            String first = " " + messages.get(0).content();
            return List.of(Segment.text(first + dialogue(messages.subList(1, messages.size()))));
        }

        private String dialogue(List<Message> messages) {
            StringBuilder text = new StringBuilder();
            for (Message message : messages) {
                text.append(message.role().equals("user") ? "\n\nHuman: " : "\n\nAssistant: ");
                text.append(message.content());
            }
            return text.toString();
        }
    };

    /** ChatML's opening marker. */
    static final String IM_START = "<|im_start|>";

    /** ChatML's closing marker. */
    static final String IM_END = "<|im_end|>";

    private final String label;

    @SuppressWarnings("ImmutableEnumChecker") // made by Set.of
    private final Set<String> roles;

    ChatFormat(String label, Set<String> roles) {
        this.label = label;
        this.roles = roles;
    }

    /** The name on the command line and in files. */
    public String label() {
        return label;
    }

    /** The names of all formats. */
    public static List<String> labels() {
        return Arrays.stream(values()).map(ChatFormat::label).toList();
    }

    /**
     * The format of a name.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static ChatFormat named(String label) {
        for (ChatFormat format : values()) {
            if (format.label.equals(label)) {
                return format;
            }
        }
        throw new IllegalArgumentException(NearestName.unknown("chat format", label, labels()));
    }

    /** The control tokens that this format puts around a turn; empty for formats of plain text. */
    public List<String> markers() {
        return this == CHATML ? List.of(IM_START, IM_END) : List.of();
    }

    /**
     * The conversation up to where the assistant's turn starts.
     *
     * @throws DataFormatException without a place, if the messages do not fit the format
     */
    abstract List<Segment> prompt(List<Message> messages);

    /**
     * The assistant's turn, and turns after it.
     *
     * @throws DataFormatException without a place, if the messages do not fit the format
     */
    abstract List<Segment> completion(List<Message> messages);

    List<Message> requirePrompt(List<Message> messages) {
        if (messages.isEmpty()) {
            throw new DataFormatException("has no messages");
        }
        requireRoles(messages);
        if (messages.get(messages.size() - 1).role().equals("assistant")) {
            throw new DataFormatException(
                    "ends in a turn of the assistant; the completion must be the one that starts it");
        }
        return messages;
    }

    void requireCompletion(List<Message> messages) {
        if (messages.isEmpty()) {
            throw new DataFormatException("has no messages");
        }
        requireRoles(messages);
        if (!messages.get(0).role().equals("assistant")) {
            throw new DataFormatException("starts with a turn of \""
                    + messages.get(0).role() + "\"; a completion starts with the assistant's");
        }
    }

    private void requireRoles(List<Message> messages) {
        for (Message message : messages) {
            if (!roles.contains(message.role())) {
                throw new DataFormatException("has a turn of \"" + message.role() + "\", which the chat format " + label
                        + " does not know (known: "
                        + String.join(", ", roles.stream().sorted().toList()) + ")");
            }
        }
    }
}
