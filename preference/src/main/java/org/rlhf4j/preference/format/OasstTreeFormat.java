package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;

/** Message trees of OpenAssistant as released: every turn of the user with two ranked answers is a ranking. */
record OasstTreeFormat() implements RowFormat {
    @Override
    public String name() {
        return "oasst-trees";
    }

    @Override
    public String layout() {
        return "{\"message_tree_id\", \"prompt\": {\"text\", \"role\", \"replies\": [{\"text\", \"role\", \"rank\", \"replies\"}, ...]}},"
                + " rank 0 is best";
    }

    @Override
    public String schema() {
        return "https://github.com/LAION-AI/Open-Assistant/blob/main/oasst-data/oasst_data/schemas.py,"
                + " https://huggingface.co/datasets/OpenAssistant/oasst2";
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.RANKING;
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        boolean fits = row.path("prompt").isObject() && row.path("prompt").has("replies");
        return fits ? "its \"prompt\" is a message with \"replies\"" : null;
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        RowFields prompt = fields.object("prompt");
        List<Ranking> rankings = new ArrayList<>();
        if (prompt != null) {
            turn(prompt, mentionsReviews(prompt.node())).rank(List.of(), rankings);
        }
        return end(fields, rankings);
    }

    /** Ends a tree. */
    static ParsedRow end(RowFields fields, List<Ranking> rankings) {
        if (fields.problems().hasError()) {
            return fields.refused();
        }
        return rankings.isEmpty()
                ? fields.leftOut("no turn of the user has two ranked answers")
                : fields.accepted(rankings);
    }

    private static boolean mentionsReviews(JsonNode message) {
        if (message instanceof ObjectNode object && OasstTurn.mentionsReviews(object)) {
            return true;
        }
        for (JsonNode reply : message.path("replies")) {
            if (mentionsReviews(reply)) {
                return true;
            }
        }
        return false;
    }

    /** A message with its replies; JSON is not nested deep enough for this to be too deep. */
    private static OasstTurn turn(RowFields fields, boolean reviews) {
        OasstTurn turn = OasstTurn.read(fields, reviews);
        if (fields.has("replies")) {
            fields.objects("replies", "prompt.replies[].")
                    .forEach(reply -> turn.replies().add(turn(reply, reviews)));
        }
        fields.finish();
        return turn;
    }
}
