package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Rule;

/**
 * Battles of Chatbot Arena (arXiv:2403.04132): two models, what each said, and what the user voted. A vote that both are
 * bad says no more about which is better than any other tie.
 */
record ArenaFormat() implements RowFormat {
    @Override
    public String name() {
        return "arena";
    }

    @Override
    public String layout() {
        return "{\"model_a\", \"model_b\", \"winner\", \"conversation_a\", \"conversation_b\"}, winner "
                + BattleWinner.WORDS + "; a battle without conversations is for rlhf data rank";
    }

    @Override
    public String schema() {
        return "https://huggingface.co/datasets/lmsys/chatbot_arena_conversations,"
                + " https://huggingface.co/datasets/lmarena-ai/arena-human-preference-100k,"
                + " https://huggingface.co/datasets/lmarena-ai/arena-human-preference-140k";
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.PAIR;
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        boolean fits = RowFields.has(row, "model_a") && RowFields.has(row, "model_b") && RowFields.has(row, "winner");
        return fits ? "it has \"model_a\", \"model_b\" and \"winner\"" : null;
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        if (!fields.has("conversation_a") && !fields.has("conversation_b")) {
            fields.problems()
                    .add(
                            Rule.MISSING_FIELD,
                            "a battle without \"conversation_a\" and \"conversation_b\" cannot be trained on; rlhf data rank"
                                    + " takes it");
            return fields.refused();
        }
        Preferred winner = winner(fields);
        Content.Chat a = Conversations.read(fields, "conversation_a");
        Content.Chat b = Conversations.read(fields, "conversation_b");
        Preferred.Two two = Conversations.cut(fields, a, b);
        String judge = fields.name(fields.has("judge") ? "judge" : "judge_hash");
        Origin origin = new Origin(fields.name("id"), null, judge);
        return Preferred.row(fields, two, winner, null, origin);
    }

    private static @Nullable Preferred winner(RowFields fields) {
        String winner = fields.text("winner");
        if (winner == null) {
            return null;
        }
        BattleWinner known = BattleWinner.of(winner);
        if (known == null) {
            fields.problems()
                    .add(
                            Rule.WRONG_TYPE,
                            "field \"winner\" is \"" + Excerpt.of(winner) + "\", must be " + BattleWinner.WORDS);
            return null;
        }
        return switch (known) {
            case MODEL_A -> Preferred.FIRST;
            case MODEL_B -> Preferred.SECOND;
            case TIE -> Preferred.NEITHER;
        };
    }
}
