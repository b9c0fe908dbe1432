package org.rlhf4j.preference.check;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Message;
import org.rlhf4j.preference.Demonstration;
import org.rlhf4j.preference.PartialOrder;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.Problem;
import org.rlhf4j.preference.RankedCompletion;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.preference.StepwiseSupervision;
import org.rlhf4j.preference.UnpairedPreference;
import org.rlhf4j.preference.format.Excerpt;
import org.rlhf4j.preference.format.ParsedRow;
import org.rlhf4j.preference.read.RowScanner;

/** The rules of single rows; those about what valid rows say are counted once a row, with the first place that breaks it. */
public final class RowScan {
    /** A shorter prompt may stand at the start of a completion by chance, as "Yes" does. */
    private static final int MIN_PROMPT = 20;

    private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant", "tool", "function");
    private static final Set<String> ASKING = Set.of("user", "tool", "function");
    private static final Set<String> OPENING = Set.of("system", "developer");

    private final EnumSet<Rule> seen = EnumSet.noneOf(Rule.class);
    private final List<Problem> problems = new ArrayList<>(0);

    private RowScan() {}

    /** All that is wrong with one object of the data by itself: what its reader found, and what its rows say. */
    public static List<Problem> of(RowScanner.Scanned scanned) {
        ParsedRow parsed = scanned.parsed();
        List<Problem> problems = new ArrayList<>(parsed.problems());
        parsed.unused().stream()
                .distinct()
                .forEach(name ->
                        problems.add(new Problem(Rule.UNUSED_FIELD, "field \"" + Excerpt.of(name) + "\" is not used")));
        parsed.rows().forEach(row -> problems.addAll(of(row)));
        return problems;
    }

    /** What is wrong with one row. */
    static List<Problem> of(Row row) {
        RowScan scan = new RowScan();
        scan.look(row);
        return scan.problems;
    }

    private void look(Row row) {
        Content prompt = row.prompt();
        if (prompt != null) {
            content("prompt", prompt);
            promptOrder(prompt);
        }
        if (row instanceof PreferencePair pair) {
            completion("chosen", pair.chosen(), prompt);
            completion("rejected", pair.rejected(), prompt);
            if (Spacing.alike(pair.chosen(), pair.rejected())) {
                add(Rule.ONLY_WHITE_SPACE, "chosen and rejected differ in nothing but white space");
            }
        } else if (row instanceof Ranking ranking) {
            completions(
                    ranking.completions().stream().map(RankedCompletion::text).toList(), ranking.prompt());
        } else if (row instanceof PartialOrder order) {
            completions(
                    order.completions().stream()
                            .map(PartialOrder.Completion::text)
                            .toList(),
                    order.prompt());
        } else if (row instanceof UnpairedPreference judged) {
            completion("completion", judged.completion(), prompt);
        } else if (row instanceof Demonstration demonstration) {
            demonstration(demonstration);
        } else if (row instanceof StepwiseSupervision stepwise) {
            for (int i = 0; i < stepwise.completions().size(); i++) {
                text("completions", i, "", stepwise.completions().get(i));
            }
        }
    }

    private void completions(List<Content> completions, Content prompt) {
        Map<String, Integer> squeezed = new HashMap<>();
        for (int i = 0; i < completions.size(); i++) {
            Content text = completions.get(i);
            completion("completions[" + i + "].text", text, prompt);
            Integer earlier = squeezed.putIfAbsent(Spacing.squeezed(text), i);
            if (earlier != null) {
                add(
                        Rule.ONLY_WHITE_SPACE,
                        "completions[" + earlier + "] and completions[" + i + "] differ in nothing but white space");
            }
        }
    }

    private void demonstration(Demonstration demonstration) {
        if (demonstration.prompt() != null) {
            completion("completion", demonstration.completion(), demonstration.prompt());
        } else if (demonstration.completion() instanceof Content.Chat chat) {
            content("messages", chat);
            if (order("messages", chat) && !last(chat).equals("assistant")) {
                add(Rule.ROLE_ORDER, "messages end with a turn of the " + last(chat));
            }
        } else {
            content("text", demonstration.completion());
        }
    }

    private void promptOrder(Content prompt) {
        if (prompt instanceof Content.Chat chat && order("prompt", chat) && !ASKING.contains(last(chat))) {
            add(Rule.ROLE_ORDER, "prompt ends with a turn of the " + last(chat));
        }
    }

    private void completion(String name, Content completion, @Nullable Content prompt) {
        content(name, completion);
        if (completion instanceof Content.Chat chat && order(name, chat)) {
            String first = chat.messages().get(0).role();
            if (!first.equals("assistant")) {
                add(Rule.ROLE_ORDER, name + " begins with a turn of the " + first);
            }
        }
        if (prompt != null && beginsWith(completion, prompt)) {
            add(Rule.PROMPT_IN_COMPLETION, name + " begins with the whole prompt");
        }
    }

    private static boolean beginsWith(Content completion, Content prompt) {
        if (completion instanceof Content.Text answer && prompt instanceof Content.Text question) {
            String asked = question.text().strip();
            return asked.length() >= MIN_PROMPT && answer.text().stripLeading().startsWith(asked);
        }
        if (completion instanceof Content.Chat answer && prompt instanceof Content.Chat question) {
            List<Message> asked = question.messages();
            List<Message> said = answer.messages();
            return said.size() >= asked.size() && said.subList(0, asked.size()).equals(asked);
        }
        return false;
    }

    private void content(String name, Content content) {
        if (content instanceof Content.Text text) {
            text(name, -1, "", text.text());
        } else if (content instanceof Content.Chat chat) {
            for (int i = 0; i < chat.messages().size(); i++) {
                Message message = chat.messages().get(i);
                text(name, i, ".content", message.content());
                if (message.content().isBlank()) {
                    add(
                            Rule.EMPTY_TURN,
                            name + "[" + i + "] is a turn of the " + Excerpt.of(message.role()) + " that is empty");
                }
            }
        }
    }

    private void text(String name, int index, String behind, String text) {
        TextScan.scan(text, (rule, what) -> {
            if (!seen.contains(rule)) {
                add(rule, name + (index < 0 ? "" : "[" + index + "]") + behind + " " + what);
            }
        });
    }

    /** Looks at the order of a conversation's turns; whether its roles are known, so that more can be said. */
    private boolean order(String name, Content.Chat chat) {
        List<Message> messages = chat.messages();
        for (int i = 0; i < messages.size(); i++) {
            if (!ROLES.contains(messages.get(i).role())) {
                add(
                        Rule.UNKNOWN_ROLE,
                        name + "[" + i + "] has the role \""
                                + Excerpt.of(messages.get(i).role()) + "\"");
                return false;
            }
        }
        for (int i = 1; i < messages.size(); i++) {
            String role = messages.get(i).role();
            String before = messages.get(i - 1).role();
            if (OPENING.contains(role) && !OPENING.contains(before)) {
                add(Rule.ROLE_ORDER, name + "[" + i + "] is a turn of the " + role + " behind others");
            } else if (role.equals(before) && (role.equals("user") || role.equals("assistant"))) {
                add(Rule.ROLE_ORDER, name + "[" + i + "] is a second turn of the " + role + " in a row");
            }
        }
        return !messages.isEmpty();
    }

    private static String last(Content.Chat chat) {
        return chat.messages().get(chat.messages().size() - 1).role();
    }

    private void add(Rule rule, String detail) {
        if (seen.add(rule)) {
            problems.add(new Problem(rule, detail));
        }
    }
}
