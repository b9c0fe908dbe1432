package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A layout that spreads what belongs together over several objects, which stand one after the other. */
public interface GroupFormat extends RowFormat {
    /**
     * What objects that belong together have in common.
     *
     * @param row an object of the data
     * @return the key; null for an object that stands alone
     */
    @Nullable
    Object groupKey(ObjectNode row);

    /**
     * Reads objects of one key.
     *
     * @param group at least one object, in the order of the data
     * @return the typed rows or why there are none; never throws for bad data
     */
    ParsedRow parseGroup(List<ObjectNode> group);

    @Override
    default ParsedRow parse(ObjectNode row) {
        return parseGroup(List.of(row));
    }
}
