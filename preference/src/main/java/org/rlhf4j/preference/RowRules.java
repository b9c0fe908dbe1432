package org.rlhf4j.preference;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;

/** What makes a row valid: asked by the records' constructors and, all problems at once, by the readers. */
public final class RowRules {
    private RowRules() {}

    public static Problems prompt(@Nullable Content prompt) {
        Problems problems = new Problems();
        if (prompt != null && prompt.isBlank()) {
            problems.add(Rule.BLANK_PROMPT, "prompt is blank");
        }
        return problems;
    }

    public static Problems completion(String name, @Nullable Content completion) {
        Problems problems = new Problems();
        if (completion != null && completion.isBlank()) {
            problems.add(Rule.BLANK_COMPLETION, name + " is blank");
        }
        return problems;
    }

    /** Null stands for a field that was missing and is reported already. */
    public static Problems pair(@Nullable Content prompt, @Nullable Content chosen, @Nullable Content rejected) {
        Problems problems = prompt(prompt);
        problems.addAll(completion("chosen", chosen));
        problems.addAll(completion("rejected", rejected));
        sameKind(problems, "prompt", prompt, "chosen", chosen);
        sameKind(problems, "chosen", chosen, "rejected", rejected);
        if (chosen != null && !chosen.isBlank() && chosen.equals(rejected)) {
            problems.add(Rule.SAME_COMPLETIONS, "chosen and rejected are the same");
        }
        return problems;
    }

    public static Problems pairNumbers(@Nullable Double margin, @Nullable Double probability, double weight) {
        Problems problems = finite("margin", margin);
        if (probability != null && !(probability >= 0 && probability <= 1)) {
            problems.add(Rule.BAD_PROBABILITY, "probability is " + probability + ", must be from 0 to 1");
        }
        if (!(weight > 0 && Double.isFinite(weight))) {
            problems.add(Rule.BAD_NUMBER, "weight is " + weight + ", must be positive and finite");
        }
        return problems;
    }

    public static Problems finite(String name, @Nullable Double value) {
        Problems problems = new Problems();
        if (value != null && !Double.isFinite(value)) {
            problems.add(Rule.BAD_NUMBER, name + " is " + value + ", must be finite");
        }
        return problems;
    }

    public static Problems rank(String name, long rank) {
        Problems problems = new Problems();
        if (rank < 1 || rank > Integer.MAX_VALUE) {
            problems.add(Rule.BAD_RANKING, name + " is " + rank + ", must be from 1 (the best) to 2147483647");
        }
        return problems;
    }

    /** The rules about a ranking as a whole; each completion has passed its own. */
    public static Problems ranking(@Nullable Content prompt, List<RankedCompletion> completions) {
        Problems problems = prompt(prompt);
        rankingSize(problems, completions.size());
        texts(problems, prompt, completions.stream().map(RankedCompletion::text).toList());
        order(problems, completions);
        return problems;
    }

    public static void rankingSize(Problems problems, int size) {
        if (size < 2) {
            problems.add(Rule.BAD_RANKING, "completions has " + size + " of the at least 2 that a ranking needs");
        } else if (size > Ranking.MAX_COMPLETIONS) {
            problems.add(
                    Rule.BAD_RANKING,
                    "completions has " + size + ", more than the " + Ranking.MAX_COMPLETIONS + " supported");
        }
    }

    private static void order(Problems problems, List<RankedCompletion> completions) {
        long scored = completions.stream().filter(c -> c.score() != null).count();
        if (scored != 0 && scored != completions.size()) {
            problems.add(Rule.BAD_RANKING, "some completions have a score and others a rank; use one of them");
            return;
        }
        List<RankedCompletion> ranked = completions.stream()
                .sorted((a, b) -> Integer.compare(a.rank(), b.rank()))
                .toList();
        for (int i = 1; i < ranked.size(); i++) {
            RankedCompletion better = ranked.get(i - 1);
            RankedCompletion worse = ranked.get(i);
            Double high = better.score();
            Double low = worse.score();
            if (high == null || low == null) {
                continue;
            }
            if (better.rank() == worse.rank() ? !high.equals(low) : !(high > low)) {
                problems.add(Rule.BAD_RANKING, "ranks and scores disagree: a higher score must have a better rank");
                return;
            }
        }
    }

    /** The rules about a partial order as a whole; each completion has passed its own. */
    public static Problems partialOrder(
            @Nullable Content prompt,
            List<PartialOrder.Completion> completions,
            List<PartialOrder.Preference> preferences) {
        Problems problems = prompt(prompt);
        rankingSize(problems, completions.size());
        texts(
                problems,
                prompt,
                completions.stream().map(PartialOrder.Completion::text).toList());
        if (preferences.isEmpty()) {
            problems.add(Rule.BAD_RANKING, "preferences has no pair, so nothing is compared");
        }
        DirectedGraph graph = new DirectedGraph(completions.size());
        Map<PartialOrder.Preference, Integer> seen = new HashMap<>();
        for (int i = 0; i < preferences.size(); i++) {
            PartialOrder.Preference preference = preferences.get(i);
            for (int index : new int[] {preference.better(), preference.worse()}) {
                if (index < 0 || index >= completions.size()) {
                    problems.add(
                            Rule.BAD_RANKING,
                            "preferences[" + i + "] names completion " + index + ", but they run from 0 to "
                                    + (completions.size() - 1));
                    return problems;
                }
            }
            Integer earlier = seen.putIfAbsent(preference, i);
            if (earlier != null) {
                problems.add(Rule.BAD_RANKING, "preferences[" + i + "] repeats preferences[" + earlier + "]");
            }
            graph.add(preference.better(), preference.worse());
        }
        List<Integer> cycle = graph.cycle();
        if (!cycle.isEmpty()) {
            String chain = cycle.stream().map(String::valueOf).collect(Collectors.joining(" > "));
            problems.add(
                    Rule.BAD_RANKING,
                    "preferences form a cycle: " + chain + " > " + cycle.get(0) + "; a partial order has none");
        }
        return problems;
    }

    private static void texts(Problems problems, @Nullable Content prompt, List<Content> texts) {
        Map<Content, Integer> seen = new HashMap<>();
        for (int i = 0; i < texts.size(); i++) {
            sameKind(problems, "prompt", prompt, "completions[" + i + "].text", texts.get(i));
            Integer earlier = seen.putIfAbsent(texts.get(i), i);
            if (earlier != null) {
                problems.add(
                        Rule.SAME_COMPLETIONS, "completions[" + earlier + "] and completions[" + i + "] are the same");
            }
        }
    }

    public static Problems demonstration(@Nullable Content prompt, @Nullable Content completion) {
        Problems problems = prompt(prompt);
        problems.addAll(completion(prompt == null ? "the text" : "completion", completion));
        sameKind(problems, "prompt", prompt, "completion", completion);
        if (prompt == null
                && completion instanceof Content.Chat chat
                && chat.messages().stream().noneMatch(m -> m.role().equals("assistant"))) {
            problems.add(Rule.MISSING_FIELD, "messages has no turn with the role \"assistant\" to learn from");
        }
        return problems;
    }

    public static Problems steps(@Nullable Content prompt, List<String> completions, List<Boolean> labels) {
        Problems problems = prompt(prompt);
        if (completions.isEmpty()) {
            problems.add(Rule.MISSING_FIELD, "completions has no step");
        }
        if (completions.size() != labels.size()) {
            problems.add(
                    Rule.WRONG_TYPE,
                    "there are " + completions.size() + " completions but " + labels.size() + " labels");
        }
        for (int i = 0; i < completions.size(); i++) {
            problems.addAll(completion("completions[" + i + "]", Content.of(completions.get(i))));
        }
        return problems;
    }

    private static void sameKind(
            Problems problems, String name, @Nullable Content content, String otherName, @Nullable Content other) {
        if (content == null || other == null || content instanceof Content.Text == other instanceof Content.Text) {
            return;
        }
        problems.add(
                Rule.WRONG_TYPE,
                name + " is " + describe(content) + " but " + otherName + " is " + describe(other)
                        + "; all must be of one kind");
    }

    private static String describe(Content content) {
        return content instanceof Content.Text ? "a string" : "a list of messages";
    }
}
