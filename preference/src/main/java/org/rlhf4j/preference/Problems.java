package org.rlhf4j.preference;

import java.util.ArrayList;
import java.util.List;

/** The problems of one row, gathered so that none hides another. */
public final class Problems {
    private final List<Problem> list = new ArrayList<>(0);
    private boolean error;

    public void add(Rule rule, String detail) {
        list.add(new Problem(rule, detail));
        error |= rule.isError();
    }

    public void addAll(Problems others) {
        list.addAll(others.list);
        error |= others.error;
    }

    /** Whether one of them refuses the row. */
    public boolean hasError() {
        return error;
    }

    public List<Problem> list() {
        return List.copyOf(list);
    }

    /** For constructors: throws for the first error. */
    void require() {
        for (Problem problem : list) {
            if (problem.rule().isError()) {
                throw new IllegalArgumentException(problem.detail());
            }
        }
    }
}
