package org.rlhf4j.lm.text;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Message;
import org.rlhf4j.lm.template.Rendering;

/**
 * Conversations as the checkpoint's own template writes them. A prompt is the text of its messages with the generation
 * prompt; a completion is what the text of the whole conversation goes on with. The ids are those of the whole text
 * wherever one of its tokens starts where the prompt ends; otherwise both are encoded apart.
 *
 * <p>What counts is what the template's {@code generation} blocks wrote; without such blocks, what stands between the
 * generation prompt and the end of each turn of the assistant, without white space after its last special token.
 */
final class TemplateEncoder implements ConversationEncoder {
    private static final String PROBE = "rlhf4j";
    /** Roles that may be part of a special token, as in {@code <|user|>}. */
    private static final Set<String> ROLES =
            Set.of("system", "user", "assistant", "tool", "function", "developer", "ipython", "observation", "model");

    private final TextTokenizer tokenizer;
    private final ChatTemplate template;
    private final LocalDate date;
    private final SpecialSpelling specials;
    private @Nullable String answered;

    TemplateEncoder(TextTokenizer tokenizer, ChatTemplate template, LocalDate date) {
        this.tokenizer = tokenizer;
        this.template = template;
        this.date = date;
        this.specials = new SpecialSpelling(tokenizer.specials().keySet(), template.literals());
    }

    /** The messages of one row, written with one mark. */
    private final class Writer {
        private final char mark;
        private final boolean marks;
        private boolean hides;

        Writer(List<Message> messages) {
            List<String> texts = messages.stream()
                    .flatMap(message -> Stream.of(message.role(), message.content()))
                    .toList();
            this.marks = texts.stream().anyMatch(specials::isIn);
            this.hides = marks;
            this.mark = SpecialSpelling.mark(texts);
        }

        Rendering write(List<Message> messages, boolean generationPrompt) {
            Rendering written = write(messages, generationPrompt, this::shown, this::shown);
            List<String> spelled = specials.in(written.text());
            UnaryOperator<String> parted = text -> specials.parted(text, mark);
            Rendering own =
                    write(messages, generationPrompt, role -> ROLES.contains(role) ? role : parted.apply(role), parted);
            requireSame(spelled, specials.in(own.text()));
            hides |= specials.mayFindOthers(written.text());
            return written;
        }

        private Rendering write(
                List<Message> messages,
                boolean generationPrompt,
                UnaryOperator<String> role,
                UnaryOperator<String> content) {
            List<Map<String, String>> turns = messages.stream()
                    .map(message ->
                            Map.of("role", role.apply(message.role()), "content", content.apply(message.content())))
                    .toList();
            return template.render(turns, Map.of(), generationPrompt, date);
        }

        /** What a template spells must not hang on a character of a message. */
        private void requireSame(List<String> spelled, List<String> own) {
            if (!spelled.equals(own)) {
                int same = 0;
                while (same < spelled.size()
                        && same < own.size()
                        && spelled.get(same).equals(own.get(same))) {
                    same++;
                }
                throw new DataFormatException("spells the special token "
                        + (same < spelled.size() ? spelled.get(same) : own.get(same))
                        + " after the edits of the model's chat template");
            }
        }

        private String shown(String text) {
            return marks ? specials.marked(text, mark) : text;
        }

        /** What the tokenizer is given for a written text; of a text's start it gives the start. */
        String forTokenizer(String written) {
            if (!hides) {
                return written;
            }
            Matcher found = specials.matcher(written);
            return found.replaceAll(token -> Matcher.quoteReplacement(tokenizer.hiddenName(token.group())))
                    .replace(String.valueOf(mark), "");
        }

        EncodedSpans encode(String written) {
            return hides ? tokenizer.withHiddenNames(forTokenizer(written)) : tokenizer.template(written);
        }
    }

    @Override
    public EncodedText prompt(List<Message> messages) {
        if (!messages.isEmpty() && messages.get(messages.size() - 1).role().equals("assistant")) {
            throw new DataFormatException(
                    "ends in a turn of the assistant; the completion must be the one that starts it");
        }
        Writer writer = new Writer(messages);
        return writer.encode(writer.write(messages, true).text()).text();
    }

    @Override
    public List<Part> completion(List<Message> prompt, List<Message> messages) {
        if (messages.isEmpty() || !messages.get(0).role().equals("assistant")) {
            throw new DataFormatException(
                    messages.isEmpty()
                            ? "has no messages"
                            : "starts with a turn of \"" + messages.get(0).role()
                                    + "\"; a completion starts with the assistant's");
        }
        List<Message> all = Stream.concat(prompt.stream(), messages.stream()).toList();
        Writer writer = new Writer(all);
        Rendering whole = writer.write(all, false);
        String open = writer.write(prompt, true).text();
        int boundary = start(whole.text(), open, "the prompt");
        List<Rendering.Span> counted = whole.generations().isEmpty()
                ? turns(writer, whole.text(), prompt.size(), all, boundary)
                : whole.generations();
        return parts(writer, whole.text(), open, counted);
    }

    private static int start(String whole, String start, String what) {
        if (!whole.startsWith(start)) {
            throw new DataFormatException("cannot be told from what is before it: the model's chat template writes "
                    + what + " differently once an answer follows, and has no generation blocks to go by");
        }
        return start.length();
    }

    /** What stands between the generation prompt and the end of each turn of the assistant. */
    private List<Rendering.Span> turns(Writer writer, String whole, int from, List<Message> all, int boundary) {
        List<Rendering.Span> turns = new ArrayList<>();
        for (int i = from; i < all.size(); i++) {
            if (all.get(i).role().equals("assistant")) {
                int start = i == from
                        ? boundary
                        : start(whole, writer.write(all.subList(0, i), true).text(), "an earlier turn");
                boolean last = i == all.size() - 1;
                String until = last
                        ? whole
                        : writer.write(all.subList(0, i + 1), false).text();
                turns.add(new Rendering.Span(start, end(whole, start, until)));
            }
        }
        return turns;
    }

    /**
     * The end of a turn, without white space after its last special token. Some templates end the text after it in a token
     * that is not there when another turn follows.
     */
    private int end(String whole, int start, String until) {
        int end = start;
        while (end < until.length() && end < whole.length() && until.charAt(end) == whole.charAt(end)) {
            end++;
        }
        Matcher found = specials.matcher(whole).region(start, end);
        int last = -1;
        while (found.find()) {
            last = found.end();
        }
        if (last < 0) {
            return start(whole, until, "an earlier turn");
        }
        return end < until.length() || whole.substring(last, end).isBlank() ? last : end;
    }

    private List<Part> parts(Writer writer, String whole, String open, List<Rendering.Span> counted) {
        EncodedText prompt = writer.encode(open).text();
        EncodedSpans all = writer.encode(whole);
        int before = prompt.ids().length;
        int points = points(writer.forTokenizer(open));
        boolean joined = all.startsWith(prompt.ids()) && all.splitsAt(before, points);
        EncodedSpans rest = joined ? all : writer.encode(whole.substring(open.length()));
        int from = joined ? before : 0;
        int shift = joined ? 0 : points;
        boolean[] counts = new boolean[rest.length()];
        for (Rendering.Span span : counted) {
            int start = points(writer.forTokenizer(whole.substring(0, span.start()))) - shift;
            int end = points(writer.forTokenizer(whole.substring(0, span.end()))) - shift;
            for (int i = from; i < counts.length; i++) {
                counts[i] |= rest.overlaps(i, start, end);
            }
        }
        List<Part> parts = new ArrayList<>();
        while (from < counts.length) {
            int end = from;
            while (end < counts.length && counts[end] == counts[from]) {
                end++;
            }
            boolean last = end == counts.length;
            EncodedText text = rest.text();
            parts.add(new Part(
                    new EncodedText(
                            Arrays.copyOfRange(text.ids(), from, end),
                            last ? text.unknown() - (joined ? prompt.unknown() : 0) : 0,
                            last ? text.firstUnknown() : null),
                    counts[from]));
            from = end;
        }
        return parts;
    }

    private static int points(String text) {
        return text.codePointCount(0, text.length());
    }

    /** What the template writes around an answer to a question, or nothing where it refuses that. */
    private String afterOpening() {
        List<Message> question = List.of(new Message("user", "q"));
        List<Message> both = List.of(new Message("user", "q"), new Message("assistant", PROBE));
        Writer writer = new Writer(both);
        try {
            String whole = writer.write(both, false).text();
            String open = writer.write(question, true).text();
            return whole.startsWith(open) ? whole.substring(open.length()) : "";
        } catch (DataFormatException e) {
            return "";
        }
    }

    private synchronized String answered() {
        if (answered == null) {
            answered = afterOpening();
        }
        return answered;
    }

    @Override
    public List<String> stops() {
        String written = answered();
        int answer = written.indexOf(PROBE);
        String end = answer < 0 ? "" : written.substring(answer + PROBE.length());
        Matcher found = specials.matcher(end);
        String stop = found.find() ? found.group() : end.strip();
        return stop.isEmpty() ? List.of() : List.of(stop);
    }

    @Override
    public boolean answersStartWithSpace() {
        return answered().startsWith(" " + PROBE);
    }
}
