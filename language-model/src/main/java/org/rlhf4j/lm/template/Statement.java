package org.rlhf4j.lm.template;

import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A statement of a template. */
sealed interface Statement {
    /** The name under which the filters of a block find what it wrote; no template can spell it. */
    String CAPTURED = "(captured)";

    /** How a statement ends. */
    enum Flow {
        NEXT,
        BREAK,
        CONTINUE
    }

    /** Where it stands. */
    int line();

    /** Does it; what {@link #run(List, Frame)} counts and bounds. */
    Flow run(Frame frame);

    /**
     * Runs statements until one leaves the loop around them.
     *
     * @throws TemplateException with its line, if one fails
     */
    static Flow run(List<Statement> statements, Frame frame) {
        for (Statement statement : statements) {
            try {
                frame.budget().enter();
                Flow flow = statement.run(frame);
                frame.budget().leave();
                if (flow != Flow.NEXT) {
                    return flow;
                }
            } catch (TemplateException e) {
                throw e.at(statement.line());
            }
        }
        return Flow.NEXT;
    }

    /** Text of the template. */
    record Data(int line, String text) implements Statement {
        @Override
        public Flow run(Frame frame) {
            frame.write(text);
            return Flow.NEXT;
        }
    }

    /** {@code {{ value }}}, or {@code print} with several. */
    record Print(int line, List<Expression> values) implements Statement {
        @Override
        public Flow run(Frame frame) {
            for (Expression value : values) {
                frame.write(Printer.print(frame.budget(), value.evaluate(frame)));
            }
            return Flow.NEXT;
        }
    }

    /** {@code if} with its {@code elif}s, each with its test, and {@code else}. */
    record If(int line, List<Expression> tests, List<List<Statement>> bodies, List<Statement> otherwise)
            implements Statement {
        @Override
        public Flow run(Frame frame) {
            for (int i = 0; i < tests.size(); i++) {
                if (Values.isTrue(tests.get(i).evaluate(frame))) {
                    return Statement.run(bodies.get(i), frame);
                }
            }
            return Statement.run(otherwise, frame);
        }
    }

    /** {@code for target in elements if test recursive}. */
    record For(
            int line,
            Target target,
            Expression elements,
            @Nullable Expression test,
            boolean recursive,
            List<Statement> body,
            List<Statement> otherwise)
            implements Statement {
        @Override
        public Flow run(Frame frame) {
            loop(frame, elements.evaluate(frame), 0);
            return Flow.NEXT;
        }

        private void loop(Frame frame, Object value, int depth) {
            Iterator<Object> all = Values.iterate(frame.render(), value);
            Iterator<Object> kept = all;
            if (test != null) {
                Expression condition = test;
                kept = Lazy.filter(all, element -> {
                            Frame inner = frame.inner();
                            target.assign(inner, element);
                            return Values.isTrue(condition.evaluate(inner));
                        })
                        .elements();
            }
            int length = test == null && Values.hasLength(value) ? Values.length(value) : -1;
            Loop loop =
                    new Loop(kept, length, depth, recursive ? (inner, deeper) -> nested(frame, inner, deeper) : null);
            boolean ran = false;
            while (loop.hasNext()) {
                Frame inner = frame.inner();
                inner.scope().set("loop", loop);
                target.assign(inner, loop.next());
                ran = true;
                if (Statement.run(body, inner) == Flow.BREAK) {
                    break;
                }
            }
            if (!ran) {
                Statement.run(otherwise, frame.inner());
            }
        }

        private String nested(Frame frame, Object value, int depth) {
            frame.budget().enterCall();
            Frame inner = new Frame(frame.render(), frame.scope(), new StringBuilder());
            loop(inner, value, depth);
            frame.budget().leaveCall();
            return inner.out().toString();
        }
    }

    /** {@code break} or {@code continue}. */
    record Leave(int line, Flow flow) implements Statement {
        @Override
        public Flow run(Frame frame) {
            return flow;
        }
    }

    /** {@code set target = value}. */
    record Assign(int line, Target target, Expression value) implements Statement {
        @Override
        public Flow run(Frame frame) {
            target.assign(frame, value.evaluate(frame));
            return Flow.NEXT;
        }
    }

    /** A {@code set} block; its filters read {@link #CAPTURED}. */
    record AssignBlock(int line, Target target, Expression filters, List<Statement> body) implements Statement {
        @Override
        public Flow run(Frame frame) {
            target.assign(frame, filtered(frame, filters, body));
            return Flow.NEXT;
        }
    }

    /** A block whose text is filtered. */
    record FilterBlock(int line, Expression filters, List<Statement> body) implements Statement {
        @Override
        public Flow run(Frame frame) {
            frame.write(Printer.print(frame.budget(), filtered(frame, filters, body)));
            return Flow.NEXT;
        }
    }

    private static Object filtered(Frame frame, Expression filters, List<Statement> body) {
        Frame inner = frame.inner();
        inner.scope().set(CAPTURED, frame.capture(body));
        return filters.evaluate(inner);
    }

    /** {@code macro}. */
    record Define(int line, String name, Parameters parameters, List<Statement> body) implements Statement {
        @Override
        public Flow run(Frame frame) {
            frame.scope().set(name, new Macro(name, parameters, body, frame.scope()));
            return Flow.NEXT;
        }
    }

    /** A {@code call} block: its body becomes the macro {@code caller}. */
    record CallBlock(int line, Expression.Call call, Parameters parameters, List<Statement> body) implements Statement {
        @Override
        public Flow run(Frame frame) {
            Macro caller = new Macro("caller", parameters, body, frame.scope());
            Arguments arguments = call.arguments().evaluate(frame).with("caller", caller);
            frame.write(Printer.print(frame.budget(), call.call(frame, arguments)));
            return Flow.NEXT;
        }
    }

    /** {@code with}. */
    record With(int line, List<Target> targets, List<Expression> values, List<Statement> body) implements Statement {
        @Override
        public Flow run(Frame frame) {
            Frame inner = frame.inner();
            for (int i = 0; i < targets.size(); i++) {
                targets.get(i).assign(inner, values.get(i).evaluate(frame));
            }
            return Statement.run(body, inner);
        }
    }

    /** {@code generation}: what the assistant says. */
    record Generation(int line, List<Statement> body) implements Statement {
        @Override
        public Flow run(Frame frame) {
            String text = frame.capture(body);
            frame.render().generated(text);
            frame.write(text);
            return Flow.NEXT;
        }
    }
}
