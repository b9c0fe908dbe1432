package org.rlhf4j.preference.clean;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Message;
import org.rlhf4j.preference.Demonstration;
import org.rlhf4j.preference.PartialOrder;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.PromptRow;
import org.rlhf4j.preference.RankedCompletion;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.StepwiseSupervision;
import org.rlhf4j.preference.UnpairedPreference;
import org.rlhf4j.preference.digest.Digest;

/** The texts of a row of any kind. */
final class RowTexts {
    /** Stands before each turn, so that who speaks counts and turns do not run together. */
    private static final char TURN = '\u001E';

    private static final String HUMAN = "\n\nHuman:";
    private static final String ASSISTANT = "\n\nAssistant:";

    private RowTexts() {}

    /** The completions under the names of their fields, in the order of the row; none of a prompt. */
    static Map<String, Content> completions(Row row) {
        Map<String, Content> completions = new LinkedHashMap<>();
        if (row instanceof PreferencePair pair) {
            completions.put("chosen", pair.chosen());
            completions.put("rejected", pair.rejected());
        } else if (row instanceof Ranking ranking) {
            for (RankedCompletion completion : ranking.completions()) {
                completions.put("completions[" + completions.size() + "]", completion.text());
            }
        } else if (row instanceof PartialOrder order) {
            for (PartialOrder.Completion completion : order.completions()) {
                completions.put("completions[" + completions.size() + "]", completion.text());
            }
        } else if (row instanceof Demonstration demonstration) {
            completions.put(demonstration.prompt() == null ? "the text" : "completion", demonstration.completion());
        } else if (row instanceof UnpairedPreference judged) {
            completions.put("completion", judged.completion());
        } else if (row instanceof StepwiseSupervision solution) {
            completions.put("completions", Content.of(String.join("\n", solution.completions())));
        } else if (!(row instanceof PromptRow)) {
            throw new IllegalStateException(
                    "no step knows the texts of " + row.kind().plural());
        }
        return completions;
    }

    /** The prompt where there is one, then the completions. */
    static Map<String, Content> all(Row row) {
        Map<String, Content> texts = new LinkedHashMap<>();
        Content prompt = row.prompt();
        if (prompt != null) {
            texts.put("prompt", prompt);
        }
        texts.putAll(completions(row));
        return texts;
    }

    /** What is said: the text, or the turns without who speaks, one a line. */
    static String words(Content content) {
        return content instanceof Content.Chat chat
                ? chat.messages().stream().map(Message::content).collect(Collectors.joining("\n"))
                : ((Content.Text) content).text();
    }

    /** The prompt's text, normalised; where none is marked, how the row opens. */
    static String normalPrompt(Row row) {
        return normal(row.prompt() == null ? opening(row) : row.prompt());
    }

    /**
     * How a row opens: what stands before the assistant's first turn, in messages or, as hh-rlhf has it, in text; other
     * texts as a whole. Rows of one conversation that was cut off at several turns open alike.
     */
    static Content opening(Row row) {
        Content prompt = row.prompt();
        Content whole = prompt == null ? ((Demonstration) row).completion() : prompt;
        if (whole instanceof Content.Chat chat) {
            List<Message> opening = chat.messages().stream()
                    .takeWhile(message -> !message.role().equals("assistant"))
                    .toList();
            return opening.isEmpty() ? chat : Content.of(opening);
        }
        String text = ((Content.Text) whole).text();
        int turn = text.startsWith(HUMAN) ? text.indexOf(ASSISTANT) : -1;
        return turn < 0 ? whole : Content.of(text.substring(0, turn + ASSISTANT.length()));
    }

    /**
     * What a row says, normalised: its texts, each with what it is in the row, in an order that does not depend on how the
     * row was written. A pair and the same pair the other way round share the prompt and no more.
     */
    static List<Part> normalParts(Row row) {
        List<Part> parts = new ArrayList<>();
        parts.add(new Part("prompt", row.prompt() == null ? "" : normal(row.prompt())));
        if (row instanceof PreferencePair pair) {
            String chance = pair.probability() == null ? "" : " " + pair.probability();
            parts.add(new Part("chosen" + chance, normal(pair.chosen())));
            parts.add(new Part("rejected" + chance, normal(pair.rejected())));
        } else if (row instanceof Ranking ranking) {
            List<List<RankedCompletion>> levels = ranking.levels();
            for (int level = 0; level < levels.size(); level++) {
                String name = "level " + level;
                levels.get(level).stream()
                        .map(completion -> normal(completion.text()))
                        .sorted()
                        .forEach(text -> parts.add(new Part(name, text)));
            }
        } else if (row instanceof PartialOrder order) {
            addOrder(parts, order);
        } else if (row instanceof UnpairedPreference judged) {
            parts.add(new Part("completion " + judged.label(), normal(judged.completion())));
        } else if (row instanceof StepwiseSupervision solution) {
            for (int i = 0; i < solution.completions().size(); i++) {
                String name = "step " + i + " " + solution.labels().get(i);
                parts.add(new Part(name, NormalText.of(solution.completions().get(i))));
            }
        } else {
            completions(row).forEach((name, text) -> parts.add(new Part(name, normal(text))));
        }
        return parts;
    }

    /** Each two that nothing stands between, so that it does not matter how much of what follows was given. */
    private static void addOrder(List<Part> parts, PartialOrder order) {
        List<String> texts = order.completions().stream()
                .map(completion -> normal(completion.text()))
                .toList();
        List<Part> pairs = new ArrayList<>();
        for (PartialOrder.Implied pair : order.closure()) {
            if (pair.distance() == 1) {
                String better = texts.get(pair.better());
                String worse = texts.get(pair.worse());
                pairs.add(new Part("over " + Digest.of(Content.of(worse)), better));
                pairs.add(new Part("under " + Digest.of(Content.of(better)), worse));
            }
        }
        pairs.sort(Comparator.comparing(Part::name).thenComparing(Part::text));
        parts.addAll(pairs);
    }

    /**
     * A text and what it is.
     *
     * @param name what it is in its row, with how it is judged
     * @param text the normalised text
     */
    record Part(String name, String text) {}

    /** A text or the turns of a conversation with who speaks, normalised. */
    static String normal(@Nullable Content content) {
        if (content instanceof Content.Chat chat) {
            StringBuilder turns = new StringBuilder();
            for (Message message : chat.messages()) {
                turns.append(TURN).append(message.role()).append(TURN).append(NormalText.of(message.content()));
            }
            return turns.toString();
        }
        return content instanceof Content.Text text ? NormalText.of(text.text()) : "";
    }
}
