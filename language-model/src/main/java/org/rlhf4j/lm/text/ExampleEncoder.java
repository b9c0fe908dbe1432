package org.rlhf4j.lm.text;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Message;
import org.rlhf4j.lm.text.EncodingPolicy.OnOverlong;
import org.rlhf4j.lm.text.EncodingPolicy.OnUnknown;

/**
 * Turns prompts and completions into examples by one {@link EncodingPolicy}.
 *
 * <p>The ids of a prompt and of its completion are found apart and joined: {@code [BOS] prompt completion [EOS]}. The
 * boundary is therefore exact, and the same in training, scoring and generation, even where a tokenizer would have merged
 * across it. A conversation in the checkpoint's own template is what the template writes: its ids are those of the whole
 * text, without a BOS or EOS token of the policy's. May be called from several threads.
 */
public final class ExampleEncoder {
    private final TextTokenizer tokenizer;
    private final EncodingPolicy policy;
    private final ConversationEncoder conversations;
    private final Frame frame;

    /**
     * An encoder.
     *
     * @param tokenizer stays the caller's to close
     * @param policy the decisions; a day that is still open becomes today, in UTC
     * @throws DataFormatException if the policy wants a BOS or EOS token that the tokenizer does not have
     */
    public ExampleEncoder(TextTokenizer tokenizer, EncodingPolicy policy) {
        this(tokenizer, policy, Frame.of(tokenizer, policy));
    }

    private ExampleEncoder(TextTokenizer tokenizer, EncodingPolicy policy, Frame frame) {
        this.tokenizer = tokenizer;
        this.policy = policy.decided(LocalDate.now(ZoneOffset.UTC));
        this.frame = frame;
        this.conversations = conversations(tokenizer, this.policy);
    }

    /**
     * An encoder for models that read a pair of texts: around prompt and completion stand the special tokens that the tokenizer's
     * own definition puts around a pair, such as {@code [CLS] prompt [SEP] completion [SEP]}.
     *
     * @param tokenizer stays the caller's to close
     * @param policy the decisions; BOS and EOS are the tokenizer's
     * @throws DataFormatException if the tokenizer does not say how it puts pairs together, or conversations are to be written
     *     by the checkpoint's own template, which makes one text of them
     */
    public static ExampleEncoder ofPairs(TextTokenizer tokenizer, EncodingPolicy policy) {
        if (policy.chatFormat() == ChatFormat.TEMPLATE) {
            throw new DataFormatException(
                    "an encoder reads pairs of texts, and a chat template writes one: choose --chat-format"
                            + " chatml or --chat-format human-assistant");
        }
        return new ExampleEncoder(tokenizer, policy, tokenizer.pairFrame());
    }

    private static ConversationEncoder conversations(TextTokenizer tokenizer, EncodingPolicy policy) {
        @Nullable LocalDate date = policy.templateDate();
        if (date == null) {
            return new FormatEncoder(tokenizer, policy.chatFormat());
        }
        ChatTemplate template = tokenizer
                .chatTemplate()
                .orElseThrow(() -> new DataFormatException("the model brings no chat template: choose --chat-format"
                        + " chatml or --chat-format human-assistant"));
        return new TemplateEncoder(tokenizer, template, date);
    }

    /** The decisions. */
    public EncodingPolicy policy() {
        return policy;
    }

    /** The tokenizer. */
    public TextTokenizer tokenizer() {
        return tokenizer;
    }

    /**
     * Whether the chat format's markers are single special tokens of this tokenizer. Where they are not, they are encoded
     * as the plain text they are, and a user who writes them cannot be told from the format.
     */
    public boolean markersAreSpecial() {
        return policy.chatFormat().markers().stream()
                .allMatch(marker -> tokenizer.specials().containsKey(marker));
    }

    /** What a completion of this prompt ends with, apart from EOS: texts, or a special token as it is spelled. */
    public List<String> stops(Content prompt) {
        return prompt instanceof Content.Chat ? conversations.stops() : List.of();
    }

    /** Whether a completion of this prompt starts with a space that is not part of its content. */
    public boolean answersStartWithSpace(Content prompt) {
        return prompt instanceof Content.Chat && conversations.answersStartWithSpace();
    }

    /** {@link #encode(Content, Content)} of plain text. */
    public EncodedExample encode(String prompt, String completion) {
        return encode(Content.of(prompt), Content.of(completion));
    }

    /**
     * Encodes one prompt with one completion.
     *
     * @throws DataFormatException without a place, if the row cannot be encoded: a blank completion, a conversation that
     *     the chat format does not fit, unknown text, or more tokens than the limit under {@code error} and {@code drop}
     */
    public EncodedExample encode(Content prompt, Content completion) {
        return only(outcome(prompt, List.of(completion)));
    }

    /** Encodes what a model wrote to a prompt: like {@link #encode(Content, Content)}, but it may be blank. */
    public EncodedExample encodeSample(Content prompt, String completion) {
        return only(outcome(prompt, List.of(answer(prompt, completion)), false));
    }

    /** What a model wrote to a prompt as the completion of a row: to a conversation, the assistant's next turn. */
    public static Content answer(Content prompt, String completion) {
        return prompt instanceof Content.Chat
                ? Content.of(List.of(new Message("assistant", completion)))
                : Content.of(completion);
    }

    private static EncodedExample only(Outcome outcome) {
        if (outcome.refusal != null) {
            throw new DataFormatException(outcome.refusal.reason());
        }
        return outcome.examples.get(0);
    }

    /**
     * How many tokens a prompt has, BOS included, whatever the limit.
     *
     * @throws DataFormatException without a place, if it has text that the tokenizer has no token for and that is refused
     */
    public int promptLength(Content prompt) {
        return checkedOpening(prompt).length();
    }

    private Opening checkedOpening(Content prompt) {
        Opening opening = opening(prompt);
        @Nullable Refusal refusal = refuseUnknown(List.of(opening.text()));
        if (refusal != null) {
            throw new DataFormatException(refusal.reason());
        }
        return opening;
    }

    /**
     * Encodes a prompt alone, for a completion to be generated.
     *
     * @param room tokens to leave for the completion within {@link EncodingPolicy#maxLength()}, at least 1
     * @return an example without a token that counts
     * @throws DataFormatException without a place, as {@link #encode(Content, Content)} does; also for a prompt of no
     *     token at all, not even BOS, for nothing predicts its first token
     */
    public EncodedExample encodePrompt(Content prompt, int room) {
        Opening opening = checkedOpening(prompt);
        int over = Math.max(0, opening.length() + room - policy.maxLength());
        boolean leavesSome = over < opening.text().ids().length;
        if (over > 0 && (policy.onOverlong() != OnOverlong.TRUNCATE || !leavesSome)) {
            throw new DataFormatException("the prompt has " + opening.length() + " tokens, which leaves no room for "
                    + room + " more: the limit is " + policy.maxLength()
                    + (leavesSome ? "; --on-overlong truncate cuts its left" : ""));
        }
        if (opening.length() == 0) {
            throw new DataFormatException(
                    "the prompt is empty and there is no BOS token: nothing predicts its first token");
        }
        return example(opening.cut(over), List.of());
    }

    /**
     * Encodes one row whose completions share a prompt: under {@code truncate} the prompt loses as many tokens for the
     * shortest completion as for the longest.
     *
     * @return the examples in the order of the completions; nothing when the row is too long and such rows are dropped
     * @throws DataFormatException at the row's place, if the row cannot be encoded
     */
    public Optional<List<EncodedExample>> encode(TextRow row) {
        Outcome outcome = outcome(row.prompt(), row.completions());
        if (outcome.refusal == null) {
            return Optional.of(outcome.examples);
        }
        if (outcome.refusal.kind() == Refusal.Kind.OVERLONG && policy.onOverlong() == OnOverlong.DROP) {
            return Optional.empty();
        }
        throw new DataFormatException(row.place() + ": " + outcome.refusal.reason());
    }

    /**
     * Encodes a whole data set and checks every row of it, before the first step of a run.
     *
     * @param rows the rows
     * @return the rows that were kept, with counts
     * @throws DataFormatException after all rows were looked at, with the number of bad rows of each kind and the first
     *     place of each
     */
    public EncodedRows encodeAll(Iterable<TextRow> rows) {
        DatasetCheck check = new DatasetCheck();
        List<EncodedRow> kept = new ArrayList<>();
        int index = 0;
        for (TextRow row : rows) {
            Outcome outcome = outcome(row.prompt(), row.completions());
            boolean dropped = outcome.refusal != null
                    && outcome.refusal.kind() == Refusal.Kind.OVERLONG
                    && policy.onOverlong() == OnOverlong.DROP;
            check.add(row.place(), outcome, dropped);
            if (outcome.refusal == null) {
                kept.add(new EncodedRow(index, outcome.examples));
            }
            index++;
        }
        check.requireClean();
        return new EncodedRows(kept, check.counts());
    }

    /** Why a row cannot be used. */
    record Refusal(Kind kind, String reason) {
        enum Kind {
            BLANK("a blank completion"),
            FORM("content that cannot be encoded"),
            UNKNOWN("text that the tokenizer has no token for"),
            OVERLONG("more tokens than the limit");

            final String description;

            Kind(String description) {
                this.description = description;
            }
        }
    }

    /** What became of a row; the examples are empty when it was refused. */
    record Outcome(
            List<EncodedExample> examples,
            int cut,
            int unknown,
            @Nullable Refusal refusal) {
        static Outcome refused(Refusal.Kind kind, String reason) {
            return new Outcome(List.of(), 0, 0, new Refusal(kind, reason));
        }
    }

    private Outcome outcome(@Nullable Content prompt, List<Content> completions) {
        if (completions.stream().anyMatch(Content::isBlank)) {
            return Outcome.refused(Refusal.Kind.BLANK, "the completion is blank");
        }
        if (prompt == null && completions.get(0) instanceof Content.Chat chat) {
            List<Message> messages = chat.messages();
            int first = ChatFormat.firstAnswer(messages, 0);
            return outcome(
                    Content.of(messages.subList(0, first)),
                    List.of(Content.of(messages.subList(first, messages.size()))),
                    false);
        }
        return prompt == null ? outcome(Content.of(""), completions, true) : outcome(prompt, completions, false);
    }

    private Outcome outcome(Content prompt, List<Content> completions, boolean whole) {
        List<EncodedText> texts = new ArrayList<>();
        List<List<Part>> tails = new ArrayList<>();
        Opening opening;
        try {
            opening = opening(prompt);
            texts.add(opening.text());
            for (Content completion : completions) {
                if (completion instanceof Content.Chat != prompt instanceof Content.Chat) {
                    return Outcome.refused(
                            Refusal.Kind.FORM, "prompt and completion must both be text or both be conversations");
                }
                List<Part> parts = named("completion", () -> completion(prompt, completion));
                parts.forEach(part -> texts.add(part.text()));
                tails.add(isTemplated(prompt) ? parts : withEos(parts));
            }
        } catch (DataFormatException e) {
            return Outcome.refused(Refusal.Kind.FORM, e.reason());
        }
        @Nullable Refusal refusal = refuseUnknown(texts);
        if (refusal != null) {
            return new Outcome(List.of(), 0, 0, refusal);
        }
        int unknown = texts.stream().mapToInt(EncodedText::unknown).sum();
        return whole ? cutOnTheRight(opening, tails.get(0), unknown) : join(opening, tails, unknown);
    }

    private @Nullable Refusal refuseUnknown(List<EncodedText> texts) {
        if (policy.onUnknown() == OnUnknown.COUNT) {
            return null;
        }
        return texts.stream()
                .map(EncodedText::firstUnknown)
                .filter(Objects::nonNull)
                .findFirst()
                .map(text -> new Refusal(Refusal.Kind.UNKNOWN, "the tokenizer has no token for \"" + text + "\""))
                .orElse(null);
    }

    private Outcome join(Opening opening, List<List<Part>> tails, int unknown) {
        int longest = tails.stream().mapToInt(ExampleEncoder::length).max().orElseThrow();
        int prompt = opening.text().ids().length;
        int room = policy.maxLength() - opening.frame().lead() - longest;
        int cut = Math.max(0, prompt - room);
        if (cut > 0 && (policy.onOverlong() != OnOverlong.TRUNCATE || room < Math.min(1, prompt))) {
            String detail = room < Math.min(1, prompt)
                    ? " (its completion alone has " + longest + ", and completions are never cut)"
                    : "";
            return overlong(opening.length() + longest, detail);
        }
        int[] kept = opening.cut(cut);
        List<EncodedExample> examples =
                tails.stream().map(tail -> example(kept, tail)).toList();
        return new Outcome(examples, cut, unknown, null);
    }

    /** Plain text has no prompt to lose: its end goes, and EOS with it, for the text does not end there. */
    private Outcome cutOnTheRight(Opening opening, List<Part> text, int unknown) {
        EncodedExample whole = example(opening.cut(0), text);
        int cut = Math.max(0, whole.length() - policy.maxLength());
        if (cut > 0 && policy.onOverlong() != OnOverlong.TRUNCATE) {
            return overlong(whole.length(), "");
        }
        int[] ids = Arrays.copyOf(whole.ids(), whole.length() - cut);
        return new Outcome(List.of(new EncodedExample(ids, 1)), cut, unknown, null);
    }

    private Outcome overlong(int tokens, String detail) {
        return Outcome.refused(
                Refusal.Kind.OVERLONG, tokens + " tokens" + detail + ", the limit is " + policy.maxLength());
    }

    private static EncodedExample example(int[] prompt, List<Part> tail) {
        int[] ids = Arrays.copyOf(prompt, prompt.length + length(tail));
        boolean[] mask = new boolean[ids.length];
        int at = prompt.length;
        for (Part part : tail) {
            System.arraycopy(part.text().ids(), 0, ids, at, part.length());
            Arrays.fill(mask, at, at + part.length(), part.counts());
            at += part.length();
        }
        return new EncodedExample(ids, mask);
    }

    private static int length(List<Part> parts) {
        return parts.stream().mapToInt(Part::length).sum();
    }

    /** Whether the checkpoint's template writes it, BOS and the end of the last turn included. */
    private boolean isTemplated(Content prompt) {
        return policy.chatFormat() == ChatFormat.TEMPLATE && prompt instanceof Content.Chat;
    }

    private Opening opening(Content prompt) {
        EncodedText text = named("prompt", () -> prompt(prompt));
        return isTemplated(prompt) ? Opening.of(text, tokenizer.bosId()) : new Opening(frame, text);
    }

    private EncodedText prompt(Content prompt) {
        return prompt instanceof Content.Chat chat
                ? conversations.prompt(chat.messages())
                : tokenizer.content(((Content.Text) prompt).text());
    }

    private List<Part> completion(Content prompt, Content completion) {
        return prompt instanceof Content.Chat before && completion instanceof Content.Chat chat
                ? conversations.completion(before.messages(), chat.messages())
                : List.of(new Part(tokenizer.content(((Content.Text) completion).text()), true));
    }

    /** EOS follows parts that do not end in it, and counts as the last of them does. */
    private List<Part> withEos(List<Part> parts) {
        Part last = parts.get(parts.size() - 1);
        if (frame.isClosed(last.text().ids())) {
            return parts;
        }
        List<Part> ended = new ArrayList<>(parts);
        ended.add(new Part(new EncodedText(frame.after(), 0, null), last.counts()));
        return ended;
    }

    private static <T> T named(String field, Supplier<T> part) {
        try {
            return part.get();
        } catch (DataFormatException e) {
            throw new DataFormatException("the " + field + " " + e.reason());
        }
    }
}
