package org.rlhf4j.preference;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.rlhf4j.base.Content;

/**
 * A solution judged step by step, as process reward models (arXiv:2305.20050) learn from: TRL's stepwise supervision.
 *
 * @param prompt the problem
 * @param completions the steps in order, at least one
 * @param labels whether each step is right, one a step
 * @param origin its name and where it comes from
 */
public record StepwiseSupervision(Content prompt, List<String> completions, List<Boolean> labels, Origin origin)
        implements Row {
    /**
     * Copies the lists and checks the row.
     *
     * @throws IllegalArgumentException if there is no step, a text is blank, or there are more or fewer labels than steps
     */
    public StepwiseSupervision {
        completions = List.copyOf(completions);
        labels = List.copyOf(labels);
        RowRules.steps(prompt, completions, labels).require();
    }

    @Override
    public Kind kind() {
        return Kind.STEPWISE;
    }

    @Override
    public ObjectNode toJson() {
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        row.set("prompt", prompt.toJson());
        ArrayNode steps = row.putArray("completions");
        completions.forEach(steps::add);
        ArrayNode judgements = row.putArray("labels");
        labels.forEach(judgements::add);
        origin.putInto(row);
        return row;
    }
}
