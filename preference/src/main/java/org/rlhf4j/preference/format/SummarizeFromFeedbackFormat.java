package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Rule;

/**
 * Comparisons of OpenAI's summarize-from-feedback (arXiv:2009.01325). The prompt is built as TRL's
 * {@code tldr_preference.py} builds it: a post of Reddit or an article, blank lines within it closed up, then
 * {@code TL;DR:}.
 */
record SummarizeFromFeedbackFormat() implements RowFormat {
    @Override
    public String name() {
        return "summarize-from-feedback";
    }

    @Override
    public String layout() {
        return "{\"info\": {\"post\" or \"article\", \"title\", \"subreddit\"}, \"summaries\": [{\"text\", \"policy\"}, two of them],"
                + " \"choice\": 0 or 1, \"worker\"}";
    }

    @Override
    public String schema() {
        return "https://github.com/openai/summarize-from-feedback,"
                + " https://github.com/huggingface/trl/blob/main/examples/datasets/tldr_preference.py";
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.PAIR;
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        if (!row.path("info").isObject()) {
            return null;
        }
        if (row.path("summaries").isArray() && RowFields.has(row, "choice")) {
            return "it has \"info\", \"summaries\" and \"choice\"";
        }
        return row.path("summary").has("axes") ? "it has \"info\" and a \"summary\" with \"axes\"" : null;
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        if (!fields.has("summaries") && fields.has("summary")) {
            fields.problems()
                    .add(
                            Rule.MISSING_FIELD,
                            "an axis evaluation rates one summary by itself and compares nothing; the comparisons have"
                                    + " \"summaries\"");
            return fields.refused();
        }
        Content prompt = prompt(fields);
        List<RowFields> summaries = fields.objects("summaries");
        if (summaries.size() != 2 && !fields.problems().hasError()) {
            fields.problems()
                    .add(Rule.WRONG_TYPE, "field \"summaries\" has " + summaries.size() + " elements, must have 2");
        }
        Long choice = fields.integer("choice");
        if (choice != null && choice != 0 && choice != 1) {
            fields.problems().add(Rule.BAD_NUMBER, "field \"choice\" is " + choice + ", must be 0 or 1");
            choice = null;
        }
        Origin origin = new Origin(null, null, fields.name("worker"));
        if (summaries.size() != 2) {
            return fields.refused();
        }
        RowFields first = summaries.get(0);
        RowFields second = summaries.get(1);
        Preferred.Two two = new Preferred.Two(
                prompt,
                first.textContent("text"),
                second.textContent("text"),
                first.name("policy"),
                second.name("policy"));
        first.finish();
        second.finish();
        Preferred preferred = choice == null ? null : choice == 0 ? Preferred.FIRST : Preferred.SECOND;
        return Preferred.row(fields, two, preferred, null, origin);
    }

    private static @Nullable Content prompt(RowFields fields) {
        RowFields info = fields.object("info");
        if (info == null) {
            return null;
        }
        String title = info.text("title");
        boolean post = info.has("post");
        String text = info.text(post ? "post" : "article");
        String subreddit = post ? info.text("subreddit") : "";
        info.finish();
        if (title == null || text == null || subreddit == null) {
            return null;
        }
        String closed = text.replace("\n\n", "\n");
        return Content.of(
                post
                        ? "SUBREDDIT: r/" + subreddit + "\n\nTITLE: " + title + "\n\nPOST: " + closed + "\n\nTL;DR:"
                        : "TITLE: " + title + "\n\n" + closed + "\n\nTL;DR:");
    }
}
