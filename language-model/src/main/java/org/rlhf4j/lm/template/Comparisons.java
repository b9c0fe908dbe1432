package org.rlhf4j.lm.template;

import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Python's comparisons. */
final class Comparisons {
    private final Budget budget;

    Comparisons(Budget budget) {
        this.budget = budget;
    }

    static boolean isNumber(Object value) {
        return value instanceof Long || value instanceof Double || value instanceof Boolean;
    }

    boolean equal(Object left, Object right) {
        return equal(left, right, 0);
    }

    private boolean equal(Object left, Object right, int depth) {
        Budget.requireNesting(depth);
        budget.step();
        if (isNumber(left) && isNumber(right)) {
            return order(left, right) == 0 && !isNan(left) && !isNan(right);
        }
        if (left instanceof String a && right instanceof String b) {
            budget.read(a.length() == b.length() ? a.length() : 1);
            return a.equals(b);
        }
        if ((left instanceof List && right instanceof List) || (left instanceof Tuple && right instanceof Tuple)) {
            return equal(Values.items(left), Values.items(right), depth);
        }
        if (left instanceof Map<?, ?> a && right instanceof Map<?, ?> b) {
            return a.size() == b.size()
                    && a.entrySet().stream().allMatch(entry -> {
                        Object other = ((Map<?, ?>) b).get(entry.getKey());
                        return other != null && equal(entry.getValue(), other, depth + 1);
                    });
        }
        if (left instanceof Undefined || left instanceof None) {
            return left.getClass() == right.getClass();
        }
        return left instanceof Range a ? a.equals(right) : left == right;
    }

    private boolean equal(List<Object> left, List<Object> right, int depth) {
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!equal(left.get(i), right.get(i), depth + 1)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isNan(Object value) {
        return value instanceof Double number && number.isNaN();
    }

    private static int order(Object left, Object right) {
        return left instanceof Double || right instanceof Double
                ? Double.compare(Arithmetic.real(left) + 0.0, Arithmetic.real(right) + 0.0)
                : Long.compare(Values.integer(left), Values.integer(right));
    }

    /** The order of two values, negative where the left is less. */
    int compare(Object left, Object right, String operator) {
        return compare(left, right, operator, 0);
    }

    private int compare(Object left, Object right, String operator, int depth) {
        Budget.requireNesting(depth);
        budget.step();
        if (isNumber(left) && isNumber(right)) {
            return order(left, right);
        }
        if (left instanceof String a && right instanceof String b) {
            budget.read(Math.min(a.length(), b.length()));
            return compare(a, b);
        }
        if ((left instanceof List && right instanceof List) || (left instanceof Tuple && right instanceof Tuple)) {
            List<Object> a = Values.items(left);
            List<Object> b = Values.items(right);
            for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
                if (!equal(a.get(i), b.get(i), depth + 1)) {
                    return compare(a.get(i), b.get(i), operator, depth + 1);
                }
            }
            return Integer.compare(a.size(), b.size());
        }
        for (Object side : new Object[] {left, right}) {
            if (side instanceof Undefined undefined) {
                throw undefined.failure();
            }
        }
        throw new TemplateException("'" + operator + "' not supported between instances of '" + Values.type(left)
                + "' and '" + Values.type(right) + "'");
    }

    /** By code points, which differs from Java's order where surrogates are. */
    private static int compare(String a, String b) {
        for (int i = 0; i < Math.min(a.length(), b.length()); i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                boolean surrogate = Character.isSurrogate(x) != Character.isSurrogate(y);
                return surrogate ? (Character.isSurrogate(x) ? 1 : -1) : Character.compare(x, y);
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    boolean holds(String operator, Object left, Object right) {
        return switch (operator) {
            case "==" -> equal(left, right);
            case "!=" -> !equal(left, right);
            case "<" -> !isNan(left) && !isNan(right) && compare(left, right, operator) < 0;
            case "<=" -> !isNan(left) && !isNan(right) && compare(left, right, operator) <= 0;
            case ">" -> !isNan(left) && !isNan(right) && compare(left, right, operator) > 0;
            default -> !isNan(left) && !isNan(right) && compare(left, right, operator) >= 0;
        };
    }

    /** Python's {@code in}. */
    boolean contains(Render render, Object container, Object item) {
        if (container instanceof String text) {
            if (item instanceof String part) {
                return Text.find(budget, text, part, 0) >= 0;
            }
            throw new TemplateException("'in <string>' requires string as left operand, not " + Values.type(item));
        }
        if (container instanceof Map<?, ?> map) {
            return map.containsKey(Values.key(item));
        }
        if (container instanceof Namespace || !Values.isIterable(container)) {
            throw new TemplateException("argument of type '" + Values.type(container) + "' is not iterable");
        }
        for (Iterator<Object> elements = Values.iterate(render, container); elements.hasNext(); ) {
            if (equal(elements.next(), item)) {
                return true;
            }
        }
        return false;
    }
}
