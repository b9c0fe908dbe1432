package org.rlhf4j.preference.show;

import static org.rlhf4j.preference.show.RowView.Side.BETTER;
import static org.rlhf4j.preference.show.RowView.Side.EVEN;
import static org.rlhf4j.preference.show.RowView.Side.WORSE;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Message;
import org.rlhf4j.preference.Demonstration;
import org.rlhf4j.preference.PartialOrder;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.RankedCompletion;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.StepwiseSupervision;
import org.rlhf4j.preference.UnpairedPreference;
import org.rlhf4j.preference.show.RowView.Panel;
import org.rlhf4j.preference.show.RowView.Side;
import org.rlhf4j.preference.show.RowView.Turn;

/** Lays typed rows out: what is compared becomes panels, with the stretches in which two completions differ. */
final class RowViews {
    /** Longer texts are cut: nobody reads them here. */
    static final int MAX_CHARS = 20_000;

    private static final Pattern EMPTY_LINES = Pattern.compile("\\A[\r\n]+");

    private RowViews() {}

    /** What a row says beside its texts. */
    static List<String> facts(Row row) {
        List<String> facts = new ArrayList<>();
        if (row instanceof PreferencePair pair) {
            fact(facts, "margin", pair.margin());
            if (pair.isTie()) {
                facts.add("tie");
            } else {
                fact(facts, "probability", pair.probability());
            }
            if (pair.weight() != 1.0) {
                facts.add("weight " + pair.weight());
            }
        } else if (row instanceof UnpairedPreference judged) {
            facts.add(judged.label() ? "desirable" : "undesirable");
        }
        fact(facts, "id", row.origin().id());
        fact(facts, "source", row.origin().source());
        fact(facts, "annotator", row.origin().annotator());
        return facts;
    }

    /** The prompt, without the empty lines that dialogues begin with. */
    static List<Turn> prompt(Row row) {
        Content prompt = row.prompt();
        if (prompt == null) {
            return List.of();
        }
        return turns(
                prompt instanceof Content.Text text
                        ? Content.of(EMPTY_LINES.matcher(text.text()).replaceFirst(""))
                        : prompt);
    }

    /** What is compared, or what answers the prompt. */
    static List<Panel> panels(Row row) {
        if (row instanceof PreferencePair pair) {
            return pair(pair);
        }
        if (row instanceof Ranking ranking) {
            return ranking(ranking);
        }
        if (row instanceof PartialOrder order) {
            return order(order);
        }
        if (row instanceof Demonstration demonstration) {
            String title = demonstration.prompt() == null ? "text" : "completion";
            return List.of(new Panel(title, EVEN, turns(demonstration.completion())));
        }
        if (row instanceof UnpairedPreference judged) {
            return List.of(new Panel("completion", EVEN, turns(judged.completion())));
        }
        if (row instanceof StepwiseSupervision stepwise) {
            return List.of(new Panel("steps", EVEN, steps(stepwise)));
        }
        return List.of();
    }

    private static List<Panel> pair(PreferencePair pair) {
        Double probability = pair.probability();
        boolean even = pair.isTie();
        boolean turned = probability != null && probability < 0.5;
        return compared(
                title("chosen", pair.chosenModel()),
                pair.chosen(),
                even ? EVEN : turned ? WORSE : BETTER,
                title("rejected", pair.rejectedModel()),
                pair.rejected(),
                even ? EVEN : turned ? BETTER : WORSE);
    }

    private static List<Panel> compared(
            String title, Content content, Side side, String otherTitle, Content other, Side otherSide) {
        List<Turn> turns = new ArrayList<>();
        List<Turn> others = new ArrayList<>();
        List<Message> a = messages(content);
        List<Message> b = messages(other);
        for (int i = 0; i < Math.max(a.size(), b.size()); i++) {
            Message first = i < a.size() ? a.get(i) : null;
            Message second = i < b.size() ? b.get(i) : null;
            if (first != null && second != null && first.role().equals(second.role())) {
                WordDiff diff = WordDiff.of(first.content(), second.content());
                turns.add(new Turn(role(content, first), diff.left()));
                others.add(new Turn(role(other, second), diff.right()));
            } else {
                addWhole(turns, content, first);
                addWhole(others, other, second);
            }
        }
        return List.of(new Panel(title, side, turns), new Panel(otherTitle, otherSide, others));
    }

    private static void addWhole(List<Turn> turns, Content content, @Nullable Message message) {
        if (message != null) {
            turns.add(new Turn(role(content, message), List.of(new Segment(message.content(), true))));
        }
    }

    private static List<Panel> ranking(Ranking ranking) {
        List<List<RankedCompletion>> levels = ranking.levels();
        List<RankedCompletion> all = levels.stream().flatMap(List::stream).toList();
        List<String> titles = new ArrayList<>();
        for (List<RankedCompletion> level : levels) {
            for (RankedCompletion completion : level) {
                String tied = level.size() > 1 ? " = tied" : "";
                String score = completion.score() == null ? "" : " score " + completion.score();
                titles.add(title("rank " + completion.rank() + tied + score, completion.model()));
            }
        }
        if (all.size() == 2) {
            boolean even = levels.size() == 1;
            return compared(
                    titles.get(0),
                    all.get(0).text(),
                    even ? EVEN : BETTER,
                    titles.get(1),
                    all.get(1).text(),
                    even ? EVEN : WORSE);
        }
        List<Panel> panels = new ArrayList<>();
        for (RankedCompletion completion : all) {
            panels.add(new Panel(titles.get(panels.size()), EVEN, turns(completion.text())));
        }
        return panels;
    }

    private static List<Panel> order(PartialOrder order) {
        List<Panel> panels = new ArrayList<>();
        for (int i = 0; i < order.completions().size(); i++) {
            int better = i;
            PartialOrder.Completion completion = order.completions().get(i);
            String below = order.preferences().stream()
                    .filter(preference -> preference.better() == better)
                    .map(preference -> Integer.toString(preference.worse()))
                    .collect(Collectors.joining(", "));
            String title = i + (below.isEmpty() ? "" : " better than " + below);
            panels.add(new Panel(title(title, completion.model()), EVEN, turns(completion.text())));
        }
        return panels;
    }

    private static List<Turn> steps(StepwiseSupervision stepwise) {
        List<Turn> turns = new ArrayList<>();
        for (int i = 0; i < stepwise.completions().size(); i++) {
            String judged = stepwise.labels().get(i) ? "right" : "wrong";
            turns.add(new Turn(
                    "step " + (i + 1) + ", " + judged,
                    Segment.plain(cut(stepwise.completions().get(i)))));
        }
        return turns;
    }

    private static List<Turn> turns(Content content) {
        return messages(content).stream()
                .map(message -> new Turn(role(content, message), Segment.plain(message.content())))
                .toList();
    }

    private static List<Message> messages(Content content) {
        return content instanceof Content.Chat chat
                ? chat.messages().stream()
                        .map(message -> new Message(message.role(), cut(message.content())))
                        .toList()
                : List.of(new Message("text", cut(((Content.Text) content).text())));
    }

    private static String cut(String text) {
        if (text.length() <= MAX_CHARS) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(MAX_CHARS - 1)) ? MAX_CHARS - 1 : MAX_CHARS;
        return text.substring(0, end) + "\n... (" + (text.length() - end) + " more characters)";
    }

    private static @Nullable String role(Content content, Message message) {
        return content instanceof Content.Chat ? message.role() : null;
    }

    private static String title(String title, @Nullable String model) {
        return model == null ? title : title + " by " + model;
    }

    private static void fact(List<String> facts, String name, @Nullable Object value) {
        if (value != null) {
            facts.add(name + " " + Objects.toString(value));
        }
    }
}
