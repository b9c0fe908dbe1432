package org.rlhf4j.lm.template;

import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A Jinja template as transformers runs chat templates: {@code trim_blocks} and {@code lstrip_blocks}, {@code break} and
 * {@code continue}, {@code generation} blocks, {@code tojson} without escapes for HTML, {@code raise_exception} and
 * {@code strftime_now}. It gives what Jinja 3.1.6 gives; {@code docs/chat-templates.md} lists what is left out.
 *
 * <p>A template sees plain values and nothing of Java: there is no reflection, no file, no other template and no clock.
 * One rendering takes at most 1,000,000 steps, writes at most 8 Mi characters and makes at most 64 Mi characters and list
 * elements in all; macros nest at most 64 deep, and a range has at most 100,000 numbers.
 *
 * <p>May be used from several threads.
 */
public final class Template {
    private final List<Statement> statements;
    private final Set<String> literals;

    private Template(List<Statement> statements, Set<String> literals) {
        this.statements = statements;
        this.literals = literals;
    }

    /**
     * Reads a template.
     *
     * @param source at most 256 Ki characters
     * @throws TemplateException if it is longer, or no template of this kind
     */
    public static Template parse(String source) {
        if (source.length() > Budget.SOURCE) {
            throw new TemplateException("has " + source.length() + " characters, the limit is " + Budget.SOURCE, 1);
        }
        List<Token> tokens = Lexer.tokens(source);
        Set<String> literals = tokens.stream()
                .filter(token -> token.kind() == Token.Kind.STRING)
                .map(Token::text)
                .collect(Collectors.toUnmodifiableSet());
        return new Template(StatementParser.parse(tokens), literals);
    }

    /** The texts in quotes: what it may look for in its input. */
    public Set<String> literals() {
        return literals;
    }

    /**
     * Renders the template.
     *
     * @param variables what it can see: {@code String}, {@code Boolean}, whole and floating numbers, null, and lists and
     *     maps with keys of text of such
     * @param date what {@code strftime_now} says, at the first moment of the day
     * @throws TemplateException if it fails, passes a bound, or refuses its input
     * @throws IllegalArgumentException if a variable is of another type
     */
    public Rendering render(Map<String, ?> variables, LocalDate date) {
        Render render = new Render(date);
        Scope given = new Scope(null);
        variables.forEach((name, value) -> given.set(name, Inputs.value(value, 0)));
        try {
            Statement.run(statements, new Frame(render, new Scope(given), render.out()));
        } catch (StackOverflowError e) {
            throw new TemplateException("is nested too deep while it runs", 1);
        }
        return render.result();
    }
}
