package org.rlhf4j.lm.template;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Python's generator: gone through once, with each element found when it is asked for. */
record Lazy(Iterator<Object> elements) {
    static Lazy map(Iterator<Object> source, UnaryOperator<Object> change) {
        return new Lazy(new Iterator<>() {
            @Override
            public boolean hasNext() {
                return source.hasNext();
            }

            @Override
            public Object next() {
                return change.apply(source.next());
            }
        });
    }

    static Lazy filter(Iterator<Object> source, Predicate<Object> keeps) {
        return new Lazy(new Iterator<>() {
            private @Nullable Object ahead;

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
        });
    }
}
