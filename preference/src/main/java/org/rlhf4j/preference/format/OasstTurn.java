package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Message;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Rule;

/**
 * One message of an OpenAssistant tree (arXiv:2304.07327) with its replies.
 *
 * @param fields what it was read from
 * @param id its name, or null
 * @param text what is said; null after a problem
 * @param prompter whether the user speaks
 * @param rank the place among its siblings from 0, the best; null where it was not ranked
 * @param model who wrote it, where that is no person
 * @param flaw why it is not to be learned from; null where it is
 * @param replies the answers to it
 */
record OasstTurn(
        RowFields fields,
        @Nullable String id,
        @Nullable String text,
        boolean prompter,
        @Nullable Long rank,
        @Nullable String model,
        @Nullable String flaw,
        List<OasstTurn> replies) {
    /** Conversations are far shorter; without a limit a chain of replies could grow beyond memory. */
    private static final int MAX_TURNS = 256;

    /** Whether a message says anything of reviews. */
    static boolean mentionsReviews(ObjectNode message) {
        return RowFields.has(message, "review_result") || RowFields.has(message, "review_count");
    }

    /**
     * Reads a message without its replies.
     *
     * @param fields the message
     * @param reviews whether any message of its tree mentions reviews; then one without a result was not reviewed,
     *     whether the file writes that as null or, as Parquet and tables do, not at all
     */
    static OasstTurn read(RowFields fields, boolean reviews) {
        String text = fields.text("text");
        String role = fields.text("role");
        if (role != null && !role.equals("prompter") && !role.equals("assistant")) {
            fields.problems()
                    .add(
                            Rule.WRONG_TYPE,
                            "field \"" + fields.path("role") + "\" is \"" + Excerpt.of(role)
                                    + "\", must be prompter or assistant");
        }
        Long rank = fields.has("rank") ? fields.whole("rank") : null;
        if (rank != null && (rank < 0 || rank >= Integer.MAX_VALUE)) {
            fields.problems().add(Rule.BAD_RANKING, "field \"" + fields.path("rank") + "\" is " + rank);
        }
        return new OasstTurn(
                fields,
                fields.name("message_id"),
                text,
                "prompter".equals(role),
                rank,
                fields.name("model_name"),
                flaw(fields, reviews),
                new ArrayList<>());
    }

    private static @Nullable String flaw(RowFields fields, boolean reviews) {
        if (fields.has("deleted") && Boolean.TRUE.equals(fields.bool("deleted"))) {
            return "it was deleted";
        }
        if (fields.value("review_result") == null) {
            return reviews ? "it was not reviewed" : null;
        }
        return Boolean.FALSE.equals(fields.bool("review_result")) ? "its review was negative" : null;
    }

    /**
     * Gathers a ranking for every turn of the user, here and below, that has two ranked answers.
     *
     * @param before the turns that lead here
     * @param rankings where they go
     */
    void rank(List<Message> before, List<Ranking> rankings) {
        if (flaw != null) {
            fields.problems().add(Rule.NOTHING_COMPARED, "a message is left out with all replies: " + flaw);
            return;
        }
        if (text == null || before.size() >= MAX_TURNS) {
            if (text != null) {
                fields.problems().add(Rule.BAD_RANKING, "the conversation has more than " + MAX_TURNS + " turns");
            }
            return;
        }
        List<Message> context = new ArrayList<>(before);
        context.add(new Message(prompter ? "user" : "assistant", text));
        if (prompter && replies.size() > 1) {
            Candidates candidates = Candidates.byRank(fields.problems());
            replies.forEach(reply -> reply.compare(candidates));
            if (candidates.size() > 1) {
                Ranking ranking = candidates.ranking(Content.of(context), new Origin(id, null, null));
                if (ranking != null) {
                    rankings.add(ranking);
                }
            }
        }
        replies.forEach(reply -> reply.rank(context, rankings));
    }

    private void compare(Candidates candidates) {
        if (prompter || text == null || flaw != null) {
            return;
        }
        if (rank == null) {
            fields.problems().add(Rule.NOTHING_COMPARED, "an answer is left out of the ranking: it has no rank");
            return;
        }
        Content answer = Content.of(List.of(new Message("assistant", text)));
        candidates.add(fields.path("text"), answer, rank + 1, model);
    }
}
