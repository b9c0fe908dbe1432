package org.rlhf4j.lm.template;

import java.util.List;

/** The tokens of a template, read one by one, and how deep their constructs nest. */
final class TokenStream {
    /** Deepest nesting of expressions and statements in a source. */
    private static final int NESTING = 100;
    /** Longest chain of operators, filters or attributes, each applied to the one before. */
    private static final int CHAIN = 400;

    private final List<Token> tokens;
    private int at;
    private int depth;

    TokenStream(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(at);
    }

    int line() {
        return current().line();
    }

    Token look() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    /** The current token, after which the next one is current. */
    Token next() {
        Token token = current();
        if (token.kind() != Token.Kind.END) {
            at++;
        }
        return token;
    }

    boolean at(Token.Kind kind) {
        return current().kind() == kind;
    }

    boolean atName(String name) {
        return current().is(Token.Kind.NAME, name);
    }

    boolean atOperator(String operator) {
        return current().is(Token.Kind.OPERATOR, operator);
    }

    boolean skipName(String name) {
        return skip(atName(name));
    }

    boolean skipOperator(String operator) {
        return skip(atOperator(operator));
    }

    private boolean skip(boolean found) {
        if (found) {
            at++;
        }
        return found;
    }

    Token expect(Token.Kind kind, String described) {
        if (!at(kind)) {
            throw fail("expected " + described + ", got '" + current().described() + "'");
        }
        return next();
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw fail("expected token '" + operator + "', got '" + current().described() + "'");
        }
    }

    void expectName(String name) {
        if (!skipName(name)) {
            throw fail("expected token '" + name + "', got '" + current().described() + "'");
        }
    }

    void enter() {
        if (++depth > NESTING) {
            throw fail("is nested deeper than " + NESTING + " levels");
        }
    }

    void leave() {
        depth--;
    }

    void requireChain(int length) {
        if (length > CHAIN) {
            throw fail("has a chain of more than " + CHAIN + " operators");
        }
    }

    TemplateException fail(String reason) {
        return new TemplateException(reason, line());
    }
}
