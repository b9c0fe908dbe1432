package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Message;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Rule;

/** Battles of Chatbot Arena as the table of a Kaggle contest has them: each side's turns as a list in a string. */
record ArenaTableFormat() implements RowFormat {
    private static final List<String> WINNERS = List.of("winner_model_a", "winner_model_b", "winner_tie");
    private static final List<Preferred> PREFERRED = List.of(Preferred.FIRST, Preferred.SECOND, Preferred.NEITHER);

    @Override
    public String name() {
        return "arena-table";
    }

    @Override
    public String layout() {
        return "{\"prompt\", \"response_a\", \"response_b\", \"winner_model_a\", \"winner_model_b\", \"winner_tie\"}, each text a"
                + " JSON list of turns in a string, one of the winners 1 and the others 0";
    }

    @Override
    public String schema() {
        return "https://huggingface.co/datasets/lmarena-ai/arena-human-preference-55k";
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.PAIR;
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        boolean fits = RowFields.has(row, "response_a")
                && RowFields.has(row, "response_b")
                && WINNERS.stream().allMatch(name -> RowFields.has(row, name));
        return fits ? "it has \"response_a\", \"response_b\" and \"winner_model_a\"" : null;
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        Preferred winner = winner(fields);
        List<String> prompts = turns(fields, "prompt");
        Content.Chat a = chat(fields, prompts, "response_a");
        Content.Chat b = chat(fields, prompts, "response_b");
        Preferred.Two two = Conversations.cut(fields, a, b);
        return Preferred.row(fields, two, winner, null, new Origin(fields.name("id"), null, null));
    }

    private static @Nullable Preferred winner(RowFields fields) {
        long sum = 0;
        Preferred winner = null;
        for (int i = 0; i < WINNERS.size(); i++) {
            Long value = fields.integer(WINNERS.get(i));
            if (value == null) {
                return null;
            }
            boolean won = value == 1;
            winner = won ? PREFERRED.get(i) : winner;
            sum += won ? 1 : value == 0 ? 0 : WINNERS.size();
        }
        if (sum != 1) {
            fields.problems()
                    .add(Rule.AMBIGUOUS_ROW, "one of " + String.join(", ", WINNERS) + " must be 1 and the others 0");
            return null;
        }
        return winner;
    }

    private static Content.@Nullable Chat chat(RowFields fields, List<String> prompts, String name) {
        List<String> answers = turns(fields, name);
        if (answers.size() != prompts.size()) {
            fields.problems()
                    .add(
                            Rule.WRONG_TYPE,
                            "prompt has " + prompts.size() + " turns that can be read, but " + name + " has "
                                    + answers.size());
        }
        if (fields.problems().hasError()) {
            return null;
        }
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            messages.add(new Message("user", prompts.get(i)));
            messages.add(new Message("assistant", answers.get(i)));
        }
        return new Content.Chat(messages);
    }

    private static List<String> turns(RowFields fields, String name) {
        List<String> turns = new ArrayList<>();
        int index = 0;
        for (JsonNode turn : fields.packedArray(name)) {
            if (turn.isTextual()) {
                turns.add(turn.textValue());
            } else {
                fields.wrongType(name + "[" + index + "]", "a string", turn);
            }
            index++;
        }
        return turns;
    }
}
