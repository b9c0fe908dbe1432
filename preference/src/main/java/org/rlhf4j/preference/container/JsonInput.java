package org.rlhf4j.preference.container;

import org.rlhf4j.base.DataFile;
import org.rlhf4j.base.JsonLine;
import org.rlhf4j.base.JsonLines;

/** JSON Lines or one JSON array. */
record JsonInput(DataFile data, JsonLines lines) implements RowInput {
    @Override
    public String file() {
        return lines.file();
    }

    @Override
    public String container() {
        return Containers.packed(lines.isArray() ? "JSON" : "JSON Lines", data);
    }

    @Override
    public boolean hasNext() {
        return lines.hasNext();
    }

    @Override
    public JsonLine next() {
        return lines.next();
    }

    @Override
    public JsonLines jsonLines() {
        return lines;
    }

    @Override
    public void close() {
        lines.close();
    }
}
