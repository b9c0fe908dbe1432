package org.rlhf4j.lm.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads the statements of a template. */
final class StatementParser {
    private static final Set<String> REFUSED =
            Set.of("include", "import", "from", "extends", "block", "autoescape", "do", "trans", "debug");
    private static final Set<String> IMPLICIT = Set.of("caller", "varargs", "kwargs");

    private final TokenStream tokens;
    private final ExpressionParser expressions;
    private int loops;

    private StatementParser(TokenStream tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens);
    }

    static List<Statement> parse(List<Token> tokens) {
        return new StatementParser(new TokenStream(tokens)).statements(Set.of());
    }

    /** Statements up to a tag with one of some names, which is left to be read. */
    private List<Statement> statements(Set<String> ends) {
        tokens.enter();
        List<Statement> statements = new ArrayList<>();
        while (!tokens.at(Token.Kind.END)) {
            Token token = tokens.next();
            if (token.kind() == Token.Kind.DATA) {
                statements.add(new Statement.Data(token.line(), token.text()));
            } else if (token.kind() == Token.Kind.VARIABLE_BEGIN) {
                statements.add(new Statement.Print(tokens.line(), List.of(expressions.tuple(true, null))));
                tokens.expect(Token.Kind.VARIABLE_END, "end of print statement");
            } else if (tokens.at(Token.Kind.NAME)
                    && ends.contains(tokens.current().text())) {
                tokens.leave();
                return statements;
            } else {
                statements.add(statement());
                endTag();
            }
        }
        if (!ends.isEmpty()) {
            throw tokens.fail("Unexpected end of template, looking for "
                    + String.join(" or ", ends.stream().sorted().toList()));
        }
        tokens.leave();
        return statements;
    }

    private void endTag() {
        tokens.expect(Token.Kind.BLOCK_END, "end of statement block");
    }

    /** The body of a tag, after its own end: statements up to a tag of one of some names, of which the name is read. */
    private List<Statement> body(String... ends) {
        tokens.skipOperator(":");
        endTag();
        return statements(Set.of(ends));
    }

    private List<Statement> wholeBody(String end) {
        List<Statement> body = body(end);
        tokens.next();
        return body;
    }

    private Statement statement() {
        Token tag = tokens.expect(Token.Kind.NAME, "tag name");
        int line = tag.line();
        return switch (tag.text()) {
            case "if" -> ifs(line);
            case "for" -> fors(line);
            case "set" -> set(line);
            case "macro" -> macro(line);
            case "call" -> call(line);
            case "filter" -> {
                Expression filters = expressions.filters(new Expression.Name(line, Statement.CAPTURED), true);
                yield new Statement.FilterBlock(line, filters, wholeBody("endfilter"));
            }
            case "with" -> with(line);
            case "print" -> print(line);
            case "generation" -> new Statement.Generation(line, outsideLoops("endgeneration"));
            case "break", "continue" -> {
                if (loops == 0) {
                    throw new TemplateException("'" + tag.text() + "' outside loop", line);
                }
                yield new Statement.Leave(
                        line, tag.text().equals("break") ? Statement.Flow.BREAK : Statement.Flow.CONTINUE);
            }
            default ->
                throw new TemplateException(
                        REFUSED.contains(tag.text())
                                ? "the tag '" + tag.text() + "' is not supported in chat templates"
                                : "Encountered unknown tag '" + tag.text() + "'.",
                        line);
        };
    }

    private Statement print(int line) {
        List<Expression> values = new ArrayList<>();
        while (!tokens.at(Token.Kind.BLOCK_END)) {
            if (!values.isEmpty()) {
                tokens.expectOperator(",");
            }
            values.add(expressions.expression());
        }
        return new Statement.Print(line, values);
    }

    /** A body that {@code break} cannot leave. */
    private List<Statement> outsideLoops(String end) {
        int around = loops;
        loops = 0;
        List<Statement> body = wholeBody(end);
        loops = around;
        return body;
    }

    private Statement ifs(int line) {
        List<Expression> tests = new ArrayList<>();
        List<List<Statement>> bodies = new ArrayList<>();
        List<Statement> otherwise = List.of();
        String end;
        do {
            tests.add(expressions.tuple(false, null));
            bodies.add(body("elif", "else", "endif"));
            end = tokens.next().text();
        } while (end.equals("elif"));
        if (end.equals("else")) {
            otherwise = wholeBody("endif");
        }
        return new Statement.If(line, tests, bodies, otherwise);
    }

    private Statement fors(int line) {
        Target target = target("in");
        tokens.expectName("in");
        Expression elements = expressions.tuple(false, "recursive");
        Expression test = tokens.skipName("if") ? expressions.expression() : null;
        boolean recursive = tokens.skipName("recursive");
        loops++;
        List<Statement> body = body("endfor", "else");
        loops--;
        List<Statement> otherwise = tokens.next().text().equals("else") ? wholeBody("endfor") : List.of();
        return new Statement.For(line, target, elements, test, recursive, body, otherwise);
    }

    private Statement set(int line) {
        Target target = target("");
        if (tokens.skipOperator("=")) {
            return new Statement.Assign(line, target, expressions.tuple(true, null));
        }
        Expression filters = expressions.filters(new Expression.Name(line, Statement.CAPTURED), false);
        return new Statement.AssignBlock(line, target, filters, wholeBody("endset"));
    }

    /** Names with commas between them, up to a name that ends them. */
    private Target target(String end) {
        List<Target> parts = new ArrayList<>();
        boolean several = false;
        while (!tokens.at(Token.Kind.BLOCK_END) && !tokens.atOperator(")") && !tokens.atName(end)) {
            parts.add(part());
            if (!tokens.skipOperator(",")) {
                break;
            }
            several = true;
        }
        if (parts.isEmpty()) {
            throw tokens.fail("Expected an expression, got '" + tokens.current().described() + "'");
        }
        return several ? new Target.Several(parts) : parts.get(0);
    }

    private Target part() {
        if (tokens.skipOperator("(")) {
            tokens.enter();
            Target inner = target("");
            tokens.expectOperator(")");
            tokens.leave();
            return inner;
        }
        String name = variable();
        return tokens.skipOperator(".")
                ? new Target.Member(name, tokens.expect(Token.Kind.NAME, "name").text())
                : new Target.Variable(name);
    }

    private String variable() {
        Token name = tokens.expect(Token.Kind.NAME, "name");
        if (Set.of("true", "True", "false", "False", "none", "None").contains(name.text())) {
            throw new TemplateException("can't assign to '" + name.text() + "'", name.line());
        }
        return name.text();
    }

    private Statement macro(int line) {
        String name = variable();
        List<String> names = new ArrayList<>();
        List<Expression> defaults = new ArrayList<>();
        signature(names, defaults);
        expressions.collectNames();
        List<Statement> body = outsideLoops("endmacro");
        return new Statement.Define(line, name, parameters(names, defaults), body);
    }

    private Parameters parameters(List<String> names, List<Expression> defaults) {
        List<String> used = expressions.collectedNames().stream()
                .filter(name -> IMPLICIT.contains(name) && !names.contains(name))
                .toList();
        return new Parameters(names, defaults, used);
    }

    private Statement call(int line) {
        List<String> names = new ArrayList<>();
        List<Expression> defaults = new ArrayList<>();
        if (tokens.atOperator("(")) {
            signature(names, defaults);
        }
        if (!(expressions.expression() instanceof Expression.Call call)) {
            throw new TemplateException("expected call", line);
        }
        expressions.collectNames();
        List<Statement> body = outsideLoops("endcall");
        return new Statement.CallBlock(line, call, parameters(names, defaults), body);
    }

    private void signature(List<String> names, List<Expression> defaults) {
        tokens.expectOperator("(");
        while (!tokens.skipOperator(")")) {
            if (!names.isEmpty()) {
                tokens.expectOperator(",");
            }
            names.add(variable());
            if (tokens.skipOperator("=")) {
                defaults.add(expressions.expression());
            } else if (!defaults.isEmpty()) {
                throw tokens.fail("non-default argument follows default argument");
            }
        }
    }

    private Statement with(int line) {
        List<Target> targets = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!tokens.at(Token.Kind.BLOCK_END)) {
            if (!targets.isEmpty()) {
                tokens.expectOperator(",");
            }
            targets.add(new Target.Variable(variable()));
            tokens.expectOperator("=");
            values.add(expressions.expression());
        }
        return new Statement.With(line, targets, values, wholeBody("endwith"));
    }
}
