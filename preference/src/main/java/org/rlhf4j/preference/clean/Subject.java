package org.rlhf4j.preference.clean;

import java.util.LinkedHashMap;
import java.util.Map;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.Located;
import org.rlhf4j.preference.Row;

/**
 * Which texts of a row a rule is about.
 *
 * @param of {@code completion}, {@code prompt} or {@code row}
 */
record Subject(String of) {
    static final StepParameter PARAMETER = StepParameter.choice(
            "of",
            "which texts must be so: every completion, the prompt, or all of them",
            "completion",
            "prompt",
            "row");

    static Subject of(StepSettings settings) {
        return new Subject(settings.text("of"));
    }

    /** The texts by the names of their fields; throws where the row has none. */
    Map<String, String> texts(Located<Row> row) {
        Map<String, Content> contents = new LinkedHashMap<>();
        Content prompt = row.value().prompt();
        if (prompt != null && !of.equals("completion")) {
            contents.put("prompt", prompt);
        }
        if (!of.equals("prompt")) {
            contents.putAll(RowTexts.completions(row.value()));
        }
        if (contents.isEmpty()) {
            throw new DataFormatException(
                    row.file(),
                    row.line(),
                    "the row has no " + of + " that a step with of=" + of + " could judge; give the step another one");
        }
        Map<String, String> texts = new LinkedHashMap<>();
        contents.forEach((name, content) -> texts.put(name, RowTexts.words(content)));
        return texts;
    }
}
