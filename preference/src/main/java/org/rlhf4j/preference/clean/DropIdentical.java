package org.rlhf4j.preference.clean;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.Located;
import org.rlhf4j.preference.Row;

/** Leaves out rows two of whose completions differ in letter case, white space or the like alone. */
final class DropIdentical extends RowFilter {
    @Override
    @Nullable
    Removed judge(int number, Located<Row> row) {
        Map<String, String> seen = new HashMap<>();
        for (Map.Entry<String, Content> completion :
                RowTexts.completions(row.value()).entrySet()) {
            String earlier = seen.putIfAbsent(RowTexts.normal(completion.getValue()), completion.getKey());
            if (earlier != null) {
                return new Removed(
                        "identical", earlier + " and " + completion.getKey() + " are the same once normalised");
            }
        }
        return null;
    }
}
