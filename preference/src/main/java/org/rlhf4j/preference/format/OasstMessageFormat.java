package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Rule;

/** Message trees of OpenAssistant as on the hub: one message a row, those of one tree one after the other. */
record OasstMessageFormat() implements GroupFormat {
    @Override
    public String name() {
        return "oasst-messages";
    }

    @Override
    public String layout() {
        return "{\"message_id\", \"parent_id\", \"message_tree_id\", \"text\", \"role\", \"rank\"}, rank 0 is best, rows of one tree"
                + " one after the other";
    }

    @Override
    public String schema() {
        return "https://huggingface.co/datasets/OpenAssistant/oasst1, https://huggingface.co/datasets/OpenAssistant/oasst2";
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.RANKING;
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        boolean fits =
                RowFields.has(row, "message_id") && RowFields.has(row, "message_tree_id") && RowFields.has(row, "role");
        return fits ? "it has \"message_id\", \"message_tree_id\" and \"role\"" : null;
    }

    @Override
    public @Nullable Object groupKey(ObjectNode row) {
        return row.path("message_tree_id").textValue();
    }

    @Override
    public ParsedRow parseGroup(List<ObjectNode> group) {
        List<RowFields> rows = RowFields.of(group);
        RowFields first = rows.get(0);
        Map<String, OasstTurn> turns = new LinkedHashMap<>();
        boolean reviews = group.stream().anyMatch(OasstTurn::mentionsReviews);
        for (RowFields row : rows) {
            row.value("message_tree_id");
            OasstTurn turn = OasstTurn.read(row, reviews);
            String id = row.text("message_id");
            if (id != null && turns.put(id, turn) != null) {
                row.problems()
                        .add(
                                Rule.REPEATED_ID,
                                "message_id \"" + Excerpt.of(id) + "\" stands on two messages of one tree");
            }
        }
        List<OasstTurn> roots = new ArrayList<>();
        for (OasstTurn turn : turns.values()) {
            String parent = turn.fields().name("parent_id");
            OasstTurn above = parent == null ? null : turns.get(parent);
            if (above != null) {
                above.replies().add(turn);
            } else if (parent == null) {
                roots.add(turn);
            } else {
                turn.fields()
                        .problems()
                        .add(
                                Rule.NOTHING_COMPARED,
                                "a message is left out with all replies: the one it answers is not there");
            }
            if (turn.fields() != first) {
                turn.fields().finish();
            }
        }
        List<Ranking> rankings = new ArrayList<>();
        if (!first.problems().hasError()) {
            roots.forEach(root -> root.rank(List.of(), rankings));
        }
        return OasstTreeFormat.end(first, rankings);
    }
}
