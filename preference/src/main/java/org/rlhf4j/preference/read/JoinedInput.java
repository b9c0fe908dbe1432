package org.rlhf4j.preference.read;

import java.util.List;
import java.util.NoSuchElementException;
import org.rlhf4j.base.JsonLine;
import org.rlhf4j.preference.container.RowInput;

/** The rows of several sources, one after the other; one of them is open at a time. */
final class JoinedInput implements RowInput {
    private final String name;
    private final List<DataSource> parts;
    private final String container;
    private final boolean columns;
    private RowInput current;
    private int opened = 1;

    JoinedInput(String name, List<DataSource> parts) {
        this.name = name;
        this.parts = parts;
        this.current = parts.get(0).open();
        this.container = current.container();
        this.columns = current.hasColumns();
    }

    @Override
    public String file() {
        return name;
    }

    @Override
    public String container() {
        return container;
    }

    @Override
    public boolean hasNext() {
        while (!current.hasNext()) {
            if (opened == parts.size()) {
                return false;
            }
            current.close();
            current = parts.get(opened++).open();
        }
        return true;
    }

    @Override
    public JsonLine next() {
        if (!hasNext()) {
            throw new NoSuchElementException("no more rows in " + name);
        }
        return current.next();
    }

    @Override
    public boolean hasColumns() {
        return columns;
    }

    @Override
    public void close() {
        current.close();
    }
}
