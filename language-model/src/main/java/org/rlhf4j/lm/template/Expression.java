package org.rlhf4j.lm.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An expression of a template. */
sealed interface Expression {
    /** Where it stands. */
    int line();

    /** Its value; what {@link #evaluate} counts and bounds. */
    Object value(Frame frame);

    /**
     * Its value.
     *
     * @throws TemplateException with its line, if there is none
     */
    default Object evaluate(Frame frame) {
        try {
            frame.budget().enter();
            Object value = value(frame);
            frame.budget().leave();
            return value;
        } catch (TemplateException e) {
            throw e.at(line());
        }
    }

    /** A number, a text, true, false or none. */
    record Literal(int line, Object constant) implements Expression {
        @Override
        public Object value(Frame frame) {
            return constant;
        }
    }

    /** A name. */
    record Name(int line, String name) implements Expression {
        @Override
        public Object value(Frame frame) {
            Object value = frame.scope().find(name);
            if (value == null) {
                value = Globals.find(name);
            }
            return value == null ? Undefined.name(name) : value;
        }
    }

    /** A list or a tuple. */
    record Sequence(int line, List<Expression> items, boolean tuple) implements Expression {
        @Override
        public Object value(Frame frame) {
            frame.budget().make(items.size());
            List<Object> values = new ArrayList<>();
            items.forEach(item -> values.add(item.evaluate(frame)));
            return tuple ? new Tuple(values) : values;
        }
    }

    /** A dictionary: keys and values in turn. */
    record Dictionary(int line, List<Expression> entries) implements Expression {
        @Override
        public Object value(Frame frame) {
            frame.budget().make(entries.size());
            Map<Object, Object> map = new LinkedHashMap<>();
            for (int i = 0; i < entries.size(); i += 2) {
                Object key = Values.key(entries.get(i).evaluate(frame));
                map.put(key, entries.get(i + 1).evaluate(frame));
            }
            return map;
        }
    }

    /** {@code yes if test else no}. */
    record Conditional(
            int line,
            Expression test,
            Expression yes,
            @Nullable Expression no) implements Expression {
        @Override
        public Object value(Frame frame) {
            if (Values.isTrue(test.evaluate(frame))) {
                return yes.evaluate(frame);
            }
            return no == null
                    ? new Undefined("the inline if-expression evaluated to false and no else section was defined")
                    : no.evaluate(frame);
        }
    }

    /** {@code and} or {@code or}: one of its operands. */
    record Logical(int line, boolean and, Expression left, Expression right) implements Expression {
        @Override
        public Object value(Frame frame) {
            Object first = left.evaluate(frame);
            return Values.isTrue(first) == and ? right.evaluate(frame) : first;
        }
    }

    /** {@code not}. */
    record Not(int line, Expression operand) implements Expression {
        @Override
        public Object value(Frame frame) {
            return !Values.isTrue(operand.evaluate(frame));
        }
    }

    /** {@code a < b <= c}: comparisons in a row, of which each must hold. */
    record Compare(int line, Expression first, List<String> operators, List<Expression> others) implements Expression {
        @Override
        public Object value(Frame frame) {
            Comparisons comparisons = frame.render().comparisons();
            Object left = first.evaluate(frame);
            for (int i = 0; i < operators.size(); i++) {
                Object right = others.get(i).evaluate(frame);
                String operator = operators.get(i);
                boolean holds = operator.endsWith("in")
                        ? comparisons.contains(frame.render(), right, left) == operator.equals("in")
                        : comparisons.holds(operator, left, right);
                if (!holds) {
                    return false;
                }
                left = right;
            }
            return true;
        }
    }

    /** An operator of arithmetic. */
    record Binary(int line, String operator, Expression left, Expression right) implements Expression {
        @Override
        public Object value(Frame frame) {
            return Arithmetic.apply(frame.render(), operator, left.evaluate(frame), right.evaluate(frame));
        }
    }

    /** A sign. */
    record Sign(int line, boolean minus, Expression operand) implements Expression {
        @Override
        public Object value(Frame frame) {
            return Arithmetic.signed(frame.render(), operand.evaluate(frame), minus);
        }
    }

    /** {@code a ~ b}: the texts of values, joined. */
    record Concat(int line, List<Expression> parts) implements Expression {
        @Override
        public Object value(Frame frame) {
            StringBuilder joined = new StringBuilder();
            for (Expression part : parts) {
                joined.append(frame.budget().made(Printer.print(frame.budget(), part.evaluate(frame))));
            }
            return joined.toString();
        }
    }

    /** {@code object.name}. */
    record Attribute(int line, Expression object, String name) implements Expression {
        @Override
        public Object value(Frame frame) {
            return Attributes.attribute(frame.render(), object.evaluate(frame), name);
        }
    }

    /** {@code object[key]}. */
    record Item(int line, Expression object, Expression key) implements Expression {
        @Override
        public Object value(Frame frame) {
            return Attributes.item(frame.render(), object.evaluate(frame), key.evaluate(frame));
        }
    }

    /** {@code object[start:stop:step]}. */
    record Slice(
            int line,
            Expression object,
            @Nullable Expression start,
            @Nullable Expression stop,
            @Nullable Expression step)
            implements Expression {
        @Override
        public Object value(Frame frame) {
            return Slices.slice(
                    frame.render(), object.evaluate(frame), part(frame, start), part(frame, stop), part(frame, step));
        }

        private static Object part(Frame frame, @Nullable Expression part) {
            return part == null ? None.NONE : part.evaluate(frame);
        }
    }

    /** {@code function(arguments)}. */
    record Call(int line, Expression function, ArgumentList arguments) implements Expression {
        @Override
        public Object value(Frame frame) {
            return call(frame, arguments.evaluate(frame));
        }

        Object call(Frame frame, Arguments values) {
            Object called = function.evaluate(frame);
            if (called instanceof Callable callable) {
                return callable.call(frame.render(), values);
            }
            throw called instanceof Undefined undefined
                    ? undefined.failure()
                    : new TemplateException("'" + Values.type(called) + "' object is not callable");
        }
    }

    /** {@code operand | name(arguments)}. */
    record Filter(int line, Expression operand, String name, ArgumentList arguments) implements Expression {
        @Override
        public Object value(Frame frame) {
            Object value = operand.evaluate(frame);
            return Filters.apply(frame.render(), name, value, arguments.evaluate(frame));
        }
    }

    /** {@code operand is name(arguments)}. */
    record Test(int line, Expression operand, String name, ArgumentList arguments) implements Expression {
        @Override
        public Object value(Frame frame) {
            Object value = operand.evaluate(frame);
            return Tests.holds(frame.render(), name, value, arguments.evaluate(frame));
        }
    }
}
