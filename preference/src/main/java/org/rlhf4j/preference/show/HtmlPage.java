package org.rlhf4j.preference.show;

import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.rlhf4j.preference.Problem;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.preference.show.RowView.Panel;
import org.rlhf4j.preference.show.RowView.Side;
import org.rlhf4j.preference.show.RowView.Turn;

/**
 * Rows as one page of HTML that stands for itself: no script, nothing fetched, and a content security policy that would
 * forbid both. What only the better completion has is {@code <ins>}, what only the worse one has {@code <del>}, and what
 * two tied ones do not share {@code <mark>}. Every row has an anchor ({@code #r1}, {@code #r2}, ...).
 *
 * <p>The page is held in memory until it is written, so it takes rows up to {@value #MAX_CHARS} characters.
 */
public final class HtmlPage {
    /** How long the rows of a page may be together; browsers grow slow beyond. */
    public static final int MAX_CHARS = 16 << 20;

    private static final String STYLE = """
            :root { color-scheme: light dark; --ground: #fff; --ink: #1b1f24; --soft: #5b6470; --line: #d4d9df;
              --panel: #f6f8fa; --good: #d3f3db; --good-ink: #0b5a24; --bad: #fde0dd; --bad-ink: #9a1c12;
              --even: #fff1c2; --even-ink: #6b4e00; --link: #0b57b0; }
            @media (prefers-color-scheme: dark) { :root { --ground: #14171b; --ink: #e3e7ec; --soft: #9aa5b1;
              --line: #363d46; --panel: #1c2127; --good: #123d20; --good-ink: #9be8b1; --bad: #4a1b18;
              --bad-ink: #ffb3ab; --even: #43360b; --even-ink: #ffdf80; --link: #7db7ff; } }
            * { box-sizing: border-box; }
            body { margin: 0 auto; max-width: 90rem; padding: 1rem 1.5rem 4rem; background: var(--ground);
              color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
            h1 { font-size: 1.4rem; margin: .5rem 0; }
            h2 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
            h3 { font-size: .85rem; margin: 0 0 .35rem; color: var(--soft); font-weight: 600; overflow-wrap: anywhere; }
            a { color: var(--link); }
            a:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
            .soft, .facts { color: var(--soft); }
            .facts { margin: .1rem 0 0; overflow-wrap: anywhere; }
            nav ol { display: flex; flex-wrap: wrap; gap: .15rem .6rem; list-style: none; padding: 0; margin: .5rem 0; }
            nav a.wrong { font-weight: 700; }
            article { border-top: 2px solid var(--line); margin-top: 1.5rem; padding-top: .9rem; }
            .walk { float: right; font-size: .85rem; margin: 0; }
            .prompt { margin: .8rem 0; padding-left: .8rem; border-left: 3px solid var(--line); }
            .panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: .8rem; }
            .panel { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .6rem .8rem;
              min-width: 0; }
            .better { border-top: 4px solid var(--good-ink); }
            .worse { border-top: 4px solid var(--bad-ink); }
            .even { border-top: 4px solid var(--line); }
            .text { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0 0 .5rem; }
            .role { font-weight: 600; font-size: .85rem; margin: .3rem 0 0; }
            ins, del, mark { text-decoration-thickness: 2px; text-underline-offset: 3px; border-radius: 2px; }
            ins { background: var(--good); color: var(--good-ink); text-decoration: underline solid; }
            del { background: var(--bad); color: var(--bad-ink); text-decoration: underline dotted; }
            mark { background: var(--even); color: var(--even-ink); text-decoration: underline dashed; }
            .problems { margin: .5rem 0; padding-left: 1.2rem; }
            .error { color: var(--bad-ink); }
            .warning { color: var(--even-ink); }
            code { overflow-wrap: anywhere; }
            """;

    private final StringBuilder body = new StringBuilder();
    private final StringBuilder index = new StringBuilder();
    private final Map<Rule, Integer> rules = new EnumMap<>(Rule.class);
    private int rows;
    private boolean full;

    /**
     * Adds a row.
     *
     * @param row the row
     * @return whether there is room for more
     */
    public boolean add(RowView row) {
        rows++;
        index.append("<li><a href=\"#r").append(rows).append('"');
        index.append(row.problems().isEmpty() ? "" : " class=\"wrong\" title=\"has problems\"");
        index.append('>').append(row.number()).append("</a></li>\n");
        body.append("<article id=\"r")
                .append(rows)
                .append("\" aria-labelledby=\"h")
                .append(rows)
                .append("\">\n");
        walk();
        body.append("<h2 id=\"h")
                .append(rows)
                .append("\"><a href=\"#r")
                .append(rows)
                .append("\">");
        body.append(escaped(row.place())).append("</a> <span class=\"soft\">");
        body.append(row.kind().isEmpty() ? "row" : escaped(row.kind()))
                .append(' ')
                .append(row.number());
        body.append("</span></h2>\n");
        if (!row.facts().isEmpty()) {
            element("p", "facts", String.join(" \u00B7 ", row.facts()));
        }
        problems(row.problems());
        if (!row.excerpt().isEmpty()) {
            body.append("<p><code>").append(escaped(row.excerpt())).append("</code></p>\n");
        }
        if (!row.prompt().isEmpty()) {
            body.append("<section class=\"prompt\">\n<h3>prompt</h3>\n");
            turns(row.prompt(), Side.EVEN);
            body.append("</section>\n");
        }
        if (!row.panels().isEmpty()) {
            body.append("<div class=\"panels\">\n");
            row.panels().forEach(this::panel);
            body.append("</div>\n");
        }
        body.append("</article>\n");
        full = body.length() >= MAX_CHARS;
        return !full;
    }

    /** The links to the rows beside it; behind the last row the end of the page has the next anchor. */
    private void walk() {
        body.append("<p class=\"walk\"><a href=\"#").append(rows == 1 ? "top" : "r" + (rows - 1));
        body.append("\">previous</a> \u00B7 <a href=\"#r").append(rows + 1).append("\">next</a></p>\n");
    }

    private void problems(List<Problem> problems) {
        if (problems.isEmpty()) {
            return;
        }
        body.append("<ul class=\"problems\">\n");
        for (Problem problem : problems) {
            String severity = problem.rule().severity().label();
            rules.merge(problem.rule(), 1, Integer::sum);
            body.append("<li class=\"")
                    .append(severity)
                    .append("\"><strong>")
                    .append(severity)
                    .append(' ');
            body.append(problem.rule().id()).append("</strong>: ").append(escaped(problem.detail()));
            body.append(" <span class=\"soft\">")
                    .append(escaped(problem.rule().advice()))
                    .append("</span></li>\n");
        }
        body.append("</ul>\n");
    }

    private void panel(Panel panel) {
        String side =
                switch (panel.side()) {
                    case BETTER -> "better";
                    case WORSE -> "worse";
                    case EVEN -> "even";
                };
        body.append("<section class=\"panel ").append(side).append("\">\n");
        element("h3", "", panel.title());
        turns(panel.turns(), panel.side());
        body.append("</section>\n");
    }

    private void turns(List<Turn> turns, Side side) {
        String mark =
                switch (side) {
                    case BETTER -> "ins";
                    case WORSE -> "del";
                    case EVEN -> "mark";
                };
        for (Turn turn : turns) {
            if (turn.role() != null) {
                element("p", "role", turn.role());
            }
            body.append("<div class=\"text\" dir=\"auto\">");
            for (Segment segment : turn.text()) {
                String text = escaped(segment.text());
                body.append(segment.differs() ? "<" + mark + ">" + text + "</" + mark + ">" : text);
            }
            body.append("</div>\n");
        }
    }

    private void element(String name, String style, String text) {
        body.append('<')
                .append(name)
                .append(style.isEmpty() ? "" : " class=\"" + style + "\"")
                .append('>');
        body.append(escaped(text)).append("</").append(name).append(">\n");
    }

    /**
     * Writes the page.
     *
     * @param out where to
     * @param title what is shown, as {@code pairs.jsonl}
     * @param more whether rows that should have been shown are left
     * @throws IOException if it cannot be written
     */
    public void writeTo(Appendable out, String title, boolean more) throws IOException {
        String name = escaped(title);
        out.append("<!DOCTYPE html>\n<html lang=\"en\" id=\"top\">\n<head>\n<meta charset=\"utf-8\">\n");
        out.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        out.append(
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'");
        out.append("\">\n<title>")
                .append(name)
                .append("</title>\n<style>\n")
                .append(STYLE)
                .append("</style>\n</head>\n");
        out.append("<body>\n<header>\n<h1>").append(name).append("</h1>\n<p>").append(count(rows, "row"));
        out.append(" shown").append(left(more)).append(". <ins>Only in the better completion</ins>, ");
        out.append("<del>only in the worse one</del>, <mark>only in one of two tied ones</mark>.</p>\n");
        if (!rules.isEmpty()) {
            String found = rules.entrySet().stream()
                    .map(rule -> rule.getKey().severity().label() + " "
                            + rule.getKey().id() + ": " + rule.getValue())
                    .collect(Collectors.joining(", "));
            out.append("<p>Problems of the rows shown: ").append(found).append(".</p>\n");
        }
        out.append("<nav aria-label=\"Rows\">\n<ol>\n").append(index).append("</ol>\n</nav>\n</header>\n<main>\n");
        out.append(body).append("</main>\n<footer id=\"r").append(Integer.toString(rows + 1));
        out.append("\"><p class=\"soft\">End of the page").append(left(more)).append(". <a href=\"#top\">Top</a></p>");
        out.append("</footer>\n</body>\n</html>\n");
    }

    private String left(boolean more) {
        if (!more) {
            return "";
        }
        return full ? "; there are more, and the page is full (--rows)" : "; there are more (--limit, --rows)";
    }

    private static String count(int n, String noun) {
        return n + " " + noun + (n == 1 ? "" : "s");
    }

    /** Text as it stands between tags and in quoted attributes. */
    static String escaped(String text) {
        String visible = Visible.of(text);
        StringBuilder escaped = new StringBuilder(visible.length() + 16);
        for (int i = 0; i < visible.length(); i++) {
            char c = visible.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }
}
