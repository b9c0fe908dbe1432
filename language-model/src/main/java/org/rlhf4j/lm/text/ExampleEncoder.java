package org.rlhf4j.lm.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.lm.text.EncodingPolicy.OnOverlong;
import org.rlhf4j.lm.text.EncodingPolicy.OnUnknown;

/**
 * Turns prompts and completions into examples by one {@link EncodingPolicy}.
 *
 * <p>The ids of a prompt and of its completion are found apart and joined: {@code [BOS] prompt completion [EOS]}. The
 * boundary is therefore exact, and the same in training, scoring and generation, even where a tokenizer would have merged
 * across it. May be called from several threads.
 */
public final class ExampleEncoder {
    private final TextTokenizer tokenizer;
    private final EncodingPolicy policy;
    private final OptionalInt bos;
    private final OptionalInt eos;

    /**
     * An encoder.
     *
     * @param tokenizer stays the caller's to close
     * @param policy the decisions
     * @throws DataFormatException if the policy wants a BOS or EOS token that the tokenizer does not have
     */
    public ExampleEncoder(TextTokenizer tokenizer, EncodingPolicy policy) {
        this.tokenizer = tokenizer;
        this.policy = policy;
        this.bos = policy.addBos() ? require(tokenizer.bosId(), "BOS") : OptionalInt.empty();
        this.eos = policy.addEos() ? require(tokenizer.eosId(), "EOS") : OptionalInt.empty();
    }

    private static OptionalInt require(OptionalInt id, String name) {
        if (id.isEmpty()) {
            throw new DataFormatException(
                    "the encoding policy adds a " + name + " token, but the tokenizer names none");
        }
        return id;
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
        Outcome outcome = outcome(prompt, List.of(completion));
        if (outcome.refusal != null) {
            throw new DataFormatException(outcome.refusal.reason());
        }
        return outcome.examples.get(0);
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

    private Outcome outcome(Content prompt, List<Content> completions) {
        List<EncodedText> texts = new ArrayList<>();
        try {
            boolean chat = prompt instanceof Content.Chat;
            texts.add(ids("prompt", prompt, true));
            for (Content completion : completions) {
                if (completion.isBlank()) {
                    return Outcome.refused(Refusal.Kind.BLANK, "the completion is blank");
                }
                if (completion instanceof Content.Chat != chat) {
                    return Outcome.refused(
                            Refusal.Kind.FORM, "prompt and completion must both be text or both be conversations");
                }
                texts.add(ids("completion", completion, false));
            }
        } catch (DataFormatException e) {
            return Outcome.refused(Refusal.Kind.FORM, e.reason());
        }
        int unknown = texts.stream().mapToInt(EncodedText::unknown).sum();
        if (unknown > 0 && policy.onUnknown() == OnUnknown.ERROR) {
            String first = texts.stream()
                    .map(EncodedText::firstUnknown)
                    .filter(text -> text != null)
                    .findFirst()
                    .orElse("");
            return Outcome.refused(Refusal.Kind.UNKNOWN, "the tokenizer has no token for \"" + first + "\"");
        }
        return join(texts.get(0).ids(), texts.subList(1, texts.size()), unknown);
    }

    private Outcome join(int[] prompt, List<EncodedText> completions, int unknown) {
        int longest = 0;
        for (EncodedText completion : completions) {
            longest = Math.max(longest, completion.ids().length + (endsInEos(completion.ids()) ? 0 : eosLength()));
        }
        int room = policy.maxLength() - bosLength() - longest;
        int cut = Math.max(0, prompt.length - room);
        if (cut > 0 && (policy.onOverlong() != OnOverlong.TRUNCATE || room < Math.min(1, prompt.length))) {
            int total = bosLength() + prompt.length + longest;
            String detail = room < Math.min(1, prompt.length)
                    ? " (its completion alone has " + longest + ", and completions are never cut)"
                    : "";
            return Outcome.refused(
                    Refusal.Kind.OVERLONG, total + " tokens" + detail + ", the limit is " + policy.maxLength());
        }
        List<EncodedExample> examples = new ArrayList<>(completions.size());
        for (EncodedText completion : completions) {
            examples.add(example(prompt, cut, completion.ids()));
        }
        return new Outcome(examples, cut, unknown, null);
    }

    private EncodedExample example(int[] prompt, int cut, int[] completion) {
        int kept = prompt.length - cut;
        int promptLength = bosLength() + kept;
        int end = promptLength + completion.length;
        int[] ids = new int[end + (endsInEos(completion) ? 0 : eosLength())];
        bos.ifPresent(id -> ids[0] = id);
        System.arraycopy(prompt, cut, ids, bosLength(), kept);
        System.arraycopy(completion, 0, ids, promptLength, completion.length);
        if (ids.length > end) {
            ids[end] = eos.orElseThrow();
        }
        return new EncodedExample(ids, promptLength);
    }

    private int bosLength() {
        return bos.isPresent() ? 1 : 0;
    }

    private int eosLength() {
        return eos.isPresent() ? 1 : 0;
    }

    private boolean endsInEos(int[] ids) {
        return eos.isPresent() && ids.length > 0 && ids[ids.length - 1] == eos.getAsInt();
    }

    private EncodedText ids(String field, Content content, boolean prompt) {
        try {
            if (content instanceof Content.Chat chat) {
                requireFormat();
                return ids(
                        prompt
                                ? policy.chatFormat().prompt(chat.messages())
                                : policy.chatFormat().completion(chat.messages()));
            }
            return tokenizer.content(((Content.Text) content).text());
        } catch (DataFormatException e) {
            throw new DataFormatException("the " + field + " " + e.reason());
        }
    }

    private void requireFormat() {
        if (policy.chatFormat() == ChatFormat.NONE) {
            String template = tokenizer.hasChatTemplate()
                    ? "; the model's own chat template (Jinja) is not supported"
                    : ", and how to write it down was not chosen";
            throw new DataFormatException(
                    "is a conversation" + template + ": use --chat-format chatml or --chat-format human-assistant");
        }
    }

    /** Markers that are special tokens become those; everything between two of them is encoded as one text. */
    private EncodedText ids(List<Segment> segments) {
        List<EncodedText> parts = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (Segment segment : segments) {
            @Nullable Integer special = segment.marker() ? tokenizer.specials().get(segment.text()) : null;
            if (special == null) {
                text.append(segment.text());
            } else {
                parts.add(tokenizer.content(text.toString()));
                parts.add(new EncodedText(new int[] {special}, 0, null));
                text.setLength(0);
            }
        }
        parts.add(tokenizer.content(text.toString()));
        return EncodedText.join(parts);
    }
}
