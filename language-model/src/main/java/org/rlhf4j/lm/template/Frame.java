package org.rlhf4j.lm.template;

import java.util.List;

/** Where a statement or an expression runs: its run, its names, and where it writes. */
record Frame(Render render, Scope scope, StringBuilder out) {
    Budget budget() {
        return render.budget();
    }

    void write(String text) {
        budget().make(text.length());
        out.append(text);
        if (out.length() > Budget.OUTPUT) {
            throw new TemplateException("writes more than " + Budget.OUTPUT + " characters");
        }
    }

    /** The same place with names of its own. */
    Frame inner() {
        return new Frame(render, new Scope(scope), out);
    }

    /** What statements write, with names of their own. */
    String capture(List<Statement> body) {
        Frame frame = new Frame(render, new Scope(scope), new StringBuilder());
        Statement.run(body, frame);
        return frame.out.toString();
    }
}
