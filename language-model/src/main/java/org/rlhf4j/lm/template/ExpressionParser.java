package org.rlhf4j.lm.template;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads expressions, from the loosest operator to the tightest, in Jinja's order. */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

    private final TokenStream tokens;
    private final Deque<Set<String>> names = new ArrayDeque<>();

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
        names.push(new HashSet<>());
    }

    /** From here on, names that are read are collected. */
    void collectNames() {
        names.push(new HashSet<>());
    }

    /** The names that were read since {@link #collectNames()}. */
    Set<String> collectedNames() {
        Set<String> collected = names.pop();
        names.element().addAll(collected);
        return collected;
    }

    /** An expression. */
    Expression expression() {
        tokens.enter();
        int line = tokens.line();
        Expression value = or();
        for (int chain = 1; tokens.skipName("if"); chain++) {
            tokens.requireChain(chain);
            Expression test = or();
            value = new Expression.Conditional(line, test, value, tokens.skipName("else") ? expression() : null);
        }
        tokens.leave();
        return value;
    }

    /** An expression, or several with commas between them, which are a tuple. */
    Expression tuple(boolean conditional, @Nullable String endName) {
        return tuple(conditional, endName, false);
    }

    private Expression tuple(boolean conditional, @Nullable String endName, boolean mayBeEmpty) {
        int line = tokens.line();
        List<Expression> items = new ArrayList<>();
        boolean several = false;
        while (!isTupleEnd(endName)) {
            items.add(conditional ? expression() : or());
            if (!tokens.skipOperator(",")) {
                break;
            }
            several = true;
        }
        if (!several && items.size() == 1) {
            return items.get(0);
        }
        if (!several && !mayBeEmpty) {
            throw tokens.fail("Expected an expression, got '" + tokens.current().described() + "'");
        }
        return new Expression.Sequence(line, items, true);
    }

    private boolean isTupleEnd(@Nullable String endName) {
        return tokens.at(Token.Kind.VARIABLE_END)
                || tokens.at(Token.Kind.BLOCK_END)
                || tokens.atOperator(")")
                || (endName != null && tokens.atName(endName));
    }

    private Expression or() {
        tokens.enter();
        Expression left = and();
        for (int chain = 1; tokens.atName("or"); chain++) {
            tokens.requireChain(chain);
            left = new Expression.Logical(tokens.next().line(), false, left, and());
        }
        tokens.leave();
        return left;
    }

    private Expression and() {
        Expression left = not();
        for (int chain = 1; tokens.atName("and"); chain++) {
            tokens.requireChain(chain);
            left = new Expression.Logical(tokens.next().line(), true, left, not());
        }
        return left;
    }

    private Expression not() {
        if (!tokens.atName("not")) {
            return compare();
        }
        tokens.enter();
        Expression negated = new Expression.Not(tokens.next().line(), not());
        tokens.leave();
        return negated;
    }

    private Expression compare() {
        int line = tokens.line();
        Expression first = sum();
        List<String> operators = new ArrayList<>();
        List<Expression> others = new ArrayList<>();
        while (true) {
            Token token = tokens.current();
            if (token.kind() == Token.Kind.OPERATOR && COMPARISONS.contains(token.text())) {
                operators.add(tokens.next().text());
            } else if (tokens.skipName("in")) {
                operators.add("in");
            } else if (tokens.atName("not") && tokens.look().is(Token.Kind.NAME, "in")) {
                tokens.next();
                tokens.next();
                operators.add("not in");
            } else {
                break;
            }
            others.add(sum());
        }
        return operators.isEmpty() ? first : new Expression.Compare(line, first, operators, others);
    }

    private Expression sum() {
        Expression left = concat();
        for (int chain = 1; tokens.atOperator("+") || tokens.atOperator("-"); chain++) {
            tokens.requireChain(chain);
            Token operator = tokens.next();
            left = new Expression.Binary(operator.line(), operator.text(), left, concat());
        }
        return left;
    }

    private Expression concat() {
        int line = tokens.line();
        Expression first = product();
        if (!tokens.atOperator("~")) {
            return first;
        }
        List<Expression> parts = new ArrayList<>(List.of(first));
        while (tokens.skipOperator("~")) {
            parts.add(product());
        }
        return new Expression.Concat(line, parts);
    }

    private Expression product() {
        Expression left = power();
        for (int chain = 1;
                tokens.atOperator("*") || tokens.atOperator("/") || tokens.atOperator("//") || tokens.atOperator("%");
                chain++) {
            tokens.requireChain(chain);
            Token operator = tokens.next();
            left = new Expression.Binary(operator.line(), operator.text(), left, power());
        }
        return left;
    }

    private Expression power() {
        Expression left = unary(true);
        for (int chain = 1; tokens.atOperator("**"); chain++) {
            tokens.requireChain(chain);
            left = new Expression.Binary(tokens.next().line(), "**", left, unary(true));
        }
        return left;
    }

    private Expression unary(boolean filters) {
        tokens.enter();
        Expression value;
        if (tokens.atOperator("-") || tokens.atOperator("+")) {
            Token sign = tokens.next();
            value = new Expression.Sign(sign.line(), sign.text().equals("-"), unary(false));
        } else {
            value = primary();
        }
        value = postfix(value);
        value = filters ? filtersAndTests(value) : value;
        tokens.leave();
        return value;
    }

    private Expression primary() {
        Token token = tokens.next();
        int line = token.line();
        return switch (token.kind()) {
            case NAME -> name(line, token.text());
            case STRING -> {
                StringBuilder text = new StringBuilder(token.text());
                while (tokens.at(Token.Kind.STRING)) {
                    text.append(tokens.next().text());
                }
                yield new Expression.Literal(line, text.toString());
            }
            case INTEGER, FLOAT -> new Expression.Literal(line, token.value());
            case OPERATOR -> bracketed(token);
            default -> throw unexpected(token);
        };
    }

    private Expression bracketed(Token open) {
        return switch (open.text()) {
            case "(" -> {
                Expression inner = tuple(true, null, true);
                tokens.expectOperator(")");
                yield inner;
            }
            case "[" -> new Expression.Sequence(open.line(), items("]"), false);
            case "{" -> new Expression.Dictionary(open.line(), entries());
            default -> throw unexpected(open);
        };
    }

    private static TemplateException unexpected(Token token) {
        return new TemplateException("unexpected '" + token.described() + "'", token.line());
    }

    private Expression name(int line, String name) {
        return switch (name) {
            case "true", "True" -> new Expression.Literal(line, true);
            case "false", "False" -> new Expression.Literal(line, false);
            case "none", "None" -> new Expression.Literal(line, None.NONE);
            default -> {
                names.element().add(name);
                yield new Expression.Name(line, name);
            }
        };
    }

    private List<Expression> items(String end) {
        List<Expression> items = new ArrayList<>();
        while (!tokens.skipOperator(end)) {
            items.add(expression());
            if (!tokens.atOperator(end)) {
                tokens.expectOperator(",");
            }
        }
        return items;
    }

    private List<Expression> entries() {
        List<Expression> entries = new ArrayList<>();
        while (!tokens.skipOperator("}")) {
            entries.add(expression());
            tokens.expectOperator(":");
            entries.add(expression());
            if (!tokens.atOperator("}")) {
                tokens.expectOperator(",");
            }
        }
        return entries;
    }

    private Expression postfix(Expression start) {
        Expression value = start;
        for (int chain = 1; ; chain++) {
            tokens.requireChain(chain);
            int line = tokens.line();
            if (tokens.skipOperator(".")) {
                value = member(line, value);
            } else if (tokens.skipOperator("[")) {
                value = subscript(line, value);
            } else if (tokens.atOperator("(")) {
                value = new Expression.Call(line, value, arguments());
            } else {
                return value;
            }
        }
    }

    private Expression member(int line, Expression object) {
        if (tokens.at(Token.Kind.INTEGER)) {
            return new Expression.Item(
                    line, object, new Expression.Literal(line, tokens.next().value()));
        }
        String name = tokens.expect(Token.Kind.NAME, "name or number").text();
        return new Expression.Attribute(line, object, name);
    }

    private Expression subscript(int line, Expression object) {
        @Nullable Expression start = tokens.atOperator(":") ? null : expression();
        if (start != null && tokens.skipOperator("]")) {
            return new Expression.Item(line, object, start);
        }
        tokens.expectOperator(":");
        @Nullable Expression stop = tokens.atOperator(":") || tokens.atOperator("]") ? null : expression();
        @Nullable Expression step = tokens.skipOperator(":") && !tokens.atOperator("]") ? expression() : null;
        tokens.expectOperator("]");
        return new Expression.Slice(line, object, start, stop, step);
    }

    private Expression filtersAndTests(Expression start) {
        Expression value = start;
        for (int chain = 1; ; chain++) {
            tokens.requireChain(chain);
            if (tokens.atOperator("|")) {
                tokens.next();
                value = filter(value);
            } else if (tokens.atName("is")) {
                value = test(value);
            } else if (tokens.atOperator("(")) {
                value = new Expression.Call(tokens.line(), value, arguments());
            } else {
                return value;
            }
        }
    }

    /** Filters after a bar, each of the one before. */
    Expression filters(Expression start, boolean startsWithName) {
        Expression value = startsWithName ? filter(start) : start;
        for (int chain = 1; tokens.skipOperator("|"); chain++) {
            tokens.requireChain(chain);
            value = filter(value);
        }
        return value;
    }

    private Expression filter(Expression operand) {
        Token name = tokens.expect(Token.Kind.NAME, "the name of a filter");
        return new Expression.Filter(
                name.line(), operand, name.text(), tokens.atOperator("(") ? arguments() : ArgumentList.NONE);
    }

    private Expression test(Expression operand) {
        int line = tokens.next().line();
        boolean negated = tokens.skipName("not");
        String name = tokens.expect(Token.Kind.NAME, "the name of a test").text();
        Token next = tokens.current();
        ArgumentList arguments = ArgumentList.NONE;
        if (tokens.atOperator("(")) {
            arguments = arguments();
        } else if (startsOperand(next)) {
            if (tokens.atName("is")) {
                throw tokens.fail("You cannot chain multiple tests with is");
            }
            arguments = ArgumentList.of(List.of(postfix(primary())));
        }
        Expression test = new Expression.Test(line, operand, name, arguments);
        return negated ? new Expression.Not(line, test) : test;
    }

    private static boolean startsOperand(Token token) {
        return switch (token.kind()) {
            case STRING, INTEGER, FLOAT -> true;
            case NAME -> !Set.of("else", "or", "and").contains(token.text());
            case OPERATOR -> token.text().equals("[") || token.text().equals("{");
            default -> false;
        };
    }

    private ArgumentList arguments() {
        int line = tokens.line();
        tokens.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        @Nullable Expression more = null;
        @Nullable Expression moreNamed = null;
        while (!tokens.atOperator(")")) {
            boolean valid;
            if (tokens.skipOperator("*")) {
                valid = more == null && moreNamed == null;
                more = expression();
            } else if (tokens.skipOperator("**")) {
                valid = moreNamed == null;
                moreNamed = expression();
            } else if (tokens.at(Token.Kind.NAME) && tokens.look().is(Token.Kind.OPERATOR, "=")) {
                String name = tokens.next().text();
                tokens.next();
                valid = moreNamed == null && named.put(name, expression()) == null;
            } else {
                valid = more == null && moreNamed == null && named.isEmpty();
                positional.add(expression());
            }
            if (!valid) {
                throw new TemplateException("invalid syntax for function call expression", line);
            }
            if (!tokens.atOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        tokens.expectOperator(")");
        return new ArgumentList(positional, named, more, moreNamed);
    }
}
