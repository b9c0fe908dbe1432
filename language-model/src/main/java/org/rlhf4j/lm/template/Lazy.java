package org.rlhf4j.lm.template;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Python's generator: gone through once, with each element found when it is asked for. */
record Lazy(Iterator<Object> elements) {
    /** A generator over a source, which may be another one; such chains are bounded, since asking goes down all of them. */
    private abstract static class Chained implements Iterator<Object> {
        final Iterator<Object> source;
        private final int depth;

        Chained(Iterator<Object> source) {
            this.source = source;
            this.depth = source instanceof Chained below ? below.depth + 1 : 0;
            Budget.requireNesting(depth);
        }
    }

    private static final class Mapped extends Chained {
        private final UnaryOperator<Object> change;

        Mapped(Iterator<Object> source, UnaryOperator<Object> change) {
            super(source);
            this.change = change;
        }

        @Override
        public boolean hasNext() {
            return source.hasNext();
        }

        @Override
        public Object next() {
            return change.apply(source.next());
        }
    }

    private static final class Filtered extends Chained {
        private final Predicate<Object> keeps;
        private @Nullable Object ahead;

        Filtered(Iterator<Object> source, Predicate<Object> keeps) {
            super(source);
            this.keeps = keeps;
        }

        @Override
        public boolean hasNext() {
            while (ahead == null && source.hasNext()) {
                Object candidate = source.next();
                ahead = keeps.test(candidate) ? candidate : null;
            }
            return ahead != null;
        }

        @Override
        public Object next() {
            if (!hasNext() || ahead == null) {
                throw new NoSuchElementException();
            }
            Object found = ahead;
            ahead = null;
            return found;
        }
    }

    static Lazy map(Iterator<Object> source, UnaryOperator<Object> change) {
        return new Lazy(new Mapped(source, change));
    }

    static Lazy filter(Iterator<Object> source, Predicate<Object> keeps) {
        return new Lazy(new Filtered(source, keeps));
    }
}
