package org.rlhf4j.lm.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The variable {@code loop} of a loop. It looks ahead only as far as it is asked to, as Jinja's does. */
final class Loop implements Callable {
    private Iterator<Object> elements;
    private final @Nullable BiFunction<Object, Integer, Object> recursion;
    private final int depth;
    private int length;
    private int index = -1;
    private @Nullable Object before;
    private @Nullable Object current;
    private @Nullable Object after;
    private @Nullable List<Object> changed;

    /**
     * A loop.
     *
     * @param elements what it goes through
     * @param length how many there are, or -1 where that is not known yet
     * @param depth how many loops of the same statement are around it
     * @param recursion runs the loop over other elements one level deeper, or null where it is not recursive
     */
    Loop(Iterator<Object> elements, int length, int depth, @Nullable BiFunction<Object, Integer, Object> recursion) {
        this.elements = elements;
        this.length = length;
        this.depth = depth;
        this.recursion = recursion;
    }

    boolean hasNext() {
        return after != null || elements.hasNext();
    }

    Object next() {
        before = current;
        Object found = after != null ? after : elements.next();
        current = found;
        after = null;
        index++;
        return found;
    }

    /** The elements that are left. */
    Iterator<Object> elements() {
        return elements;
    }

    int length() {
        if (length < 0) {
            List<Object> rest = new ArrayList<>();
            elements.forEachRemaining(rest::add);
            elements = rest.iterator();
            length = rest.size() + index + 1 + (after == null ? 0 : 1);
        }
        return length;
    }

    private boolean isLast() {
        if (after == null && elements.hasNext()) {
            after = elements.next();
        }
        return after == null;
    }

    /** An attribute, or null where there is none of that name. */
    @Nullable
    Object attribute(String name) {
        return switch (name) {
            case "index" -> index + 1L;
            case "index0" -> (long) index;
            case "revindex" -> (long) length() - index;
            case "revindex0" -> length() - index - 1L;
            case "first" -> index == 0;
            case "last" -> isLast();
            case "length" -> (long) length();
            case "depth" -> depth + 1L;
            case "depth0" -> (long) depth;
            case "previtem" -> index == 0 || before == null ? new Undefined("there is no previous item") : before;
            case "nextitem" -> isLast() || after == null ? new Undefined("there is no next item") : after;
            case "cycle" -> (Callable) this::cycle;
            case "changed" -> (Callable) this::changed;
            default -> null;
        };
    }

    private Object cycle(Render render, Arguments arguments) {
        if (arguments.size() == 0) {
            throw new TemplateException("no items for cycling given");
        }
        return arguments.get(index % arguments.size());
    }

    private Object changed(Render render, Arguments arguments) {
        List<Object> now = arguments.positional();
        boolean same = changed != null && render.comparisons().equal(new Tuple(changed), new Tuple(now));
        changed = now;
        return !same;
    }

    @Override
    public Object call(Render render, Arguments arguments) {
        if (recursion == null) {
            throw new TemplateException("The loop must have the 'recursive' marker to be called recursively.");
        }
        return recursion.apply(arguments.only("loop"), depth + 1);
    }
}
