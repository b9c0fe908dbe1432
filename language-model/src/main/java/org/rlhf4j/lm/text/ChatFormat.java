package org.rlhf4j.lm.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Message;
import org.rlhf4j.base.NearestName;

/**
 * How a conversation is written down as text. Plain-text rows are the same under every format.
 *
 * <p>The choice is stored with a trained model.
 */
public enum ChatFormat {
    /** Conversations are refused; only plain text is encoded. */
    NONE("none", Set.of()),

    /** The checkpoint's own Jinja template, see {@link ChatTemplate}: the default where it brings one. */
    TEMPLATE("template", Set.of()),

    /**
     * ChatML: {@code <|im_start|>role\ncontent<|im_end|>\n} a turn, and {@code <|im_start|>assistant\n} before the
     * completion, which ends in {@code <|im_end|>}. Where the tokenizer has the two markers as special tokens they become
     * those; otherwise they are plain text.
     */
    CHATML("chatml", Set.of("system", "user", "assistant", "tool")) {
        @Override
        List<Segment> turns(List<Message> messages) {
            List<Segment> segments = new ArrayList<>();
            for (Message message : messages) {
                segments.add(Segment.marker(IM_START));
                segments.add(Segment.text(message.role() + "\n" + message.content()));
                segments.add(Segment.marker(IM_END));
                segments.addAll(afterAnswer());
            }
            return segments;
        }

        @Override
        List<Segment> opening() {
            return List.of(Segment.marker(IM_START), Segment.text("assistant\n"));
        }

        @Override
        List<Segment> answer(String content) {
            return List.of(Segment.text(content), Segment.marker(IM_END));
        }

        @Override
        List<Segment> afterAnswer() {
            return List.of(Segment.text("\n"));
        }
    },

    /**
     * The dialogues of hh-rlhf (Bai et al., arXiv:2204.05862): {@code \n\nHuman: content} and {@code \n\nAssistant:
     * content}. The prompt ends in {@code \n\nAssistant:} and the completion starts with the space after it.
     */
    HUMAN_ASSISTANT("human-assistant", Set.of("user", "assistant")) {
        @Override
        List<Segment> turns(List<Message> messages) {
            StringBuilder text = new StringBuilder();
            for (Message message : messages) {
                text.append(message.role().equals("user") ? "\n\nHuman: " : "\n\nAssistant: ");
                text.append(message.content());
            }
            return List.of(Segment.text(text.toString()));
        }

        @Override
        List<Segment> opening() {
            return List.of(Segment.text("\n\nAssistant:"));
        }

        @Override
        List<Segment> answer(String content) {
            return List.of(Segment.text(" " + content));
        }

        @Override
        List<Segment> afterAnswer() {
            return List.of();
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

    /** What a completion ends with where the assistant's turn does and another one begins. */
    public List<String> stops() {
        return switch (this) {
            case NONE, TEMPLATE -> List.of();
            case CHATML -> List.of(IM_END);
            case HUMAN_ASSISTANT -> List.of("\n\nHuman:");
        };
    }

    /** Whether an answer starts with a space that is not part of its content. */
    public boolean answersStartWithSpace() {
        return this == HUMAN_ASSISTANT;
    }

    /** Whole turns, each with what stands between it and the next. */
    List<Segment> turns(List<Message> messages) {
        throw notWritten();
    }

    /** What opens a turn of the assistant. */
    List<Segment> opening() {
        throw notWritten();
    }

    /** What the assistant writes: the content of its turn and the marker that ends it. */
    List<Segment> answer(String content) {
        throw notWritten();
    }

    /** What stands between an answer and the next turn. */
    List<Segment> afterAnswer() {
        throw notWritten();
    }

    private IllegalStateException notWritten() {
        return new IllegalStateException("the chat format " + label + " writes no turns by itself");
    }

    /**
     * The conversation up to where the assistant answers.
     *
     * @throws DataFormatException without a place, if the messages do not fit the format
     */
    List<Segment> prompt(List<Message> messages) {
        requireRoles(messages);
        if (!messages.isEmpty() && isAnswer(messages.get(messages.size() - 1))) {
            throw new DataFormatException(
                    "ends in a turn of the assistant; the completion must be the one that starts it");
        }
        return join(turns(messages), opening());
    }

    /**
     * The assistant's answer, and turns after it: what the assistant writes counts, other turns do not.
     *
     * @return stretches in order, to be encoded apart, so that what counts starts and ends at a token
     * @throws DataFormatException without a place, if the messages do not fit the format
     */
    List<Stretch> completion(List<Message> messages) {
        requireRoles(messages);
        if (messages.isEmpty() || !isAnswer(messages.get(0))) {
            throw new DataFormatException(
                    messages.isEmpty()
                            ? "has no messages"
                            : "starts with a turn of \"" + messages.get(0).role()
                                    + "\"; a completion starts with the assistant's");
        }
        List<Stretch> stretches = new ArrayList<>();
        for (int at = 0; at < messages.size(); ) {
            stretches.add(new Stretch(answer(messages.get(at).content()), true));
            int next = firstAnswer(messages, at + 1);
            boolean answered = next < messages.size();
            if (answered || next > at + 1) {
                List<Segment> between = join(afterAnswer(), turns(messages.subList(at + 1, next)));
                stretches.add(new Stretch(answered ? join(between, opening()) : between, false));
            }
            at = next;
        }
        return stretches;
    }

    /** A part of a conversation as it is written down, and whether it counts. */
    record Stretch(List<Segment> segments, boolean counts) {}

    /** Index of the first turn of the assistant, or the number of messages. */
    static int firstAnswer(List<Message> messages, int from) {
        int index = from;
        while (index < messages.size() && !isAnswer(messages.get(index))) {
            index++;
        }
        return index;
    }

    private static boolean isAnswer(Message message) {
        return message.role().equals("assistant");
    }

    private static List<Segment> join(List<Segment> first, List<Segment> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
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
