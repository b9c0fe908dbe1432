package org.rlhf4j.lm.template;

import java.util.ArrayList;
import java.util.List;

/** Python's operators on numbers, texts and lists. */
final class Arithmetic {
    private Arithmetic() {}

    static double real(Object value) {
        return value instanceof Double number ? number : Values.integer(value);
    }

    static Object apply(Render render, String operator, Object left, Object right) {
        for (Object side : new Object[] {left, right}) {
            if (side instanceof Undefined undefined) {
                throw undefined.failure();
            }
        }
        if (Comparisons.isNumber(left) && Comparisons.isNumber(right)) {
            try {
                return left instanceof Double || right instanceof Double || operator.equals("/")
                        ? real(operator, real(left), real(right))
                        : integer(operator, Values.integer(left), Values.integer(right));
            } catch (ArithmeticException e) {
                throw new TemplateException("the result of " + operator + " has more than 64 bits");
            }
        }
        Budget budget = render.budget();
        if (operator.equals("+") && left instanceof String a && right instanceof String b) {
            budget.make((long) a.length() + b.length());
            return a + b;
        }
        boolean lists = left instanceof List && right instanceof List;
        if (operator.equals("+") && (lists || (left instanceof Tuple && right instanceof Tuple))) {
            return joined(budget, left, Values.items(left), Values.items(right));
        }
        if (operator.equals("*") && (right instanceof Long || right instanceof Boolean)) {
            return repeated(budget, left, Values.integer(right));
        }
        if (operator.equals("*") && (left instanceof Long || left instanceof Boolean)) {
            return repeated(budget, right, Values.integer(left));
        }
        if (operator.equals("%") && left instanceof String format) {
            return Formatting.percent(render, format, right);
        }
        throw unsupported(operator, left, right);
    }

    private static TemplateException unsupported(String operator, Object left, Object right) {
        return operator.equals("+") && left instanceof String
                ? new TemplateException("can only concatenate str (not \"" + Values.type(right) + "\") to str")
                : new TemplateException("unsupported operand type(s) for " + operator + ": '" + Values.type(left)
                        + "' and '" + Values.type(right) + "'");
    }

    private static Object joined(Budget budget, Object like, List<Object> left, List<Object> right) {
        budget.make((long) left.size() + right.size());
        List<Object> all = new ArrayList<>(left);
        all.addAll(right);
        return like instanceof Tuple ? new Tuple(all) : all;
    }

    private static Object repeated(Budget budget, Object value, long times) {
        if (value instanceof String text) {
            return Text.repeat(budget, text, times);
        }
        if (!(value instanceof List) && !(value instanceof Tuple)) {
            throw new TemplateException("can't multiply sequence by non-int of type '" + Values.type(value) + "'");
        }
        List<Object> items = Values.items(value);
        List<Object> all = new ArrayList<>();
        if (times > 0 && !items.isEmpty()) {
            budget.make(times > Budget.MADE ? Long.MAX_VALUE : items.size() * times);
            for (long i = 0; i < times; i++) {
                all.addAll(items);
            }
        }
        return value instanceof Tuple ? new Tuple(all) : all;
    }

    private static Object integer(String operator, long left, long right) {
        if (right == 0 && (operator.equals("//") || operator.equals("%"))) {
            throw new TemplateException("integer division or modulo by zero");
        }
        return switch (operator) {
            case "+" -> Math.addExact(left, right);
            case "-" -> Math.subtractExact(left, right);
            case "*" -> Math.multiplyExact(left, right);
            case "//" -> right == -1 ? Math.negateExact(left) : Math.floorDiv(left, right);
            case "%" -> Math.floorMod(left, right);
            default -> right < 0 ? real("**", (double) left, (double) right) : power(left, right);
        };
    }

    private static Object power(long base, long exponent) {
        if (base >= -1 && base <= 1) {
            return base == -1 && exponent % 2 == 0 ? 1L : exponent == 0 ? 1L : base;
        }
        long result = 1;
        for (long i = 0; i < exponent; i++) {
            result = Math.multiplyExact(result, base);
        }
        return result;
    }

    private static Object real(String operator, double left, double right) {
        if (right == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
            throw new TemplateException("division by zero");
        }
        return switch (operator) {
            case "+" -> left + right;
            case "-" -> left - right;
            case "*" -> left * right;
            case "/" -> left / right;
            case "//" -> Math.floor(left / right);
            case "%" -> modulo(left, right);
            default -> {
                if (left == 0 && right < 0) {
                    throw new TemplateException("zero to a negative power");
                }
                yield Math.pow(left, right);
            }
        };
    }

    private static double modulo(double left, double right) {
        double rest = left % right;
        return rest != 0 && rest < 0 != right < 0 ? rest + right : rest;
    }

    static Object signed(Render render, Object value, boolean minus) {
        if (value instanceof Double number) {
            return minus ? -number : number;
        }
        return apply(render, minus ? "-" : "+", 0L, value);
    }
}
