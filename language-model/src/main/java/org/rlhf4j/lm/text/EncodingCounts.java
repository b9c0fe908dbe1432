package org.rlhf4j.lm.text;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What happened to the rows of a data set on their way to token ids.
 *
 * @param rows rows that were given
 * @param kept rows that became examples
 * @param truncated rows that lost tokens: the left of a prompt, or the end of a plain text
 * @param dropped rows left out because they were too long
 * @param unknown rows with text that the tokenizer has no token for
 * @param tokens tokens of all examples together
 * @param longest tokens of the longest example that was kept
 */
public record EncodingCounts(
        long rows, long kept, long truncated, long dropped, long unknown, long tokens, int longest) {

    /** The counts for a log or a JSON result. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("rows", rows);
        json.put("kept", kept);
        json.put("truncated", truncated);
        json.put("dropped", dropped);
        json.put("unknown", unknown);
        json.put("tokens", tokens);
        json.put("longest", longest);
        return json;
    }
}
