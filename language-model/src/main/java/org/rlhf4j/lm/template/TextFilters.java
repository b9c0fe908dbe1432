package org.rlhf4j.lm.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Filters that give texts; what is no text is printed first. */
final class TextFilters {
    private static final Pattern WORD_START = Pattern.compile("[-\\s({\\[<]+");
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}\\p{M}_]+");
    private static final long LEEWAY = 5;

    static final Map<String, Filters.Filter> FILTERS = Map.ofEntries(
            plain("upper", Text::upper),
            plain("lower", Text::lower),
            plain("capitalize", StringMethods::capitalize),
            plain("title", TextFilters::title),
            plain("string", text -> text),
            plain("safe", text -> text),
            plain("escape", TextFilters::escape),
            plain("e", TextFilters::escape),
            plain("forceescape", TextFilters::escape),
            Map.entry("trim", TextFilters::trim),
            Map.entry("replace", TextFilters::replace),
            Map.entry("join", TextFilters::join),
            Map.entry("indent", TextFilters::indent),
            Map.entry("truncate", TextFilters::truncate),
            Map.entry("center", TextFilters::center),
            Map.entry("format", TextFilters::format),
            Map.entry("wordcount", TextFilters::wordCount));

    private TextFilters() {}

    private static Map.Entry<String, Filters.Filter> plain(String name, UnaryOperator<String> change) {
        return Map.entry(name, (render, value, arguments) -> {
            arguments.requireNone(name);
            String text = render.budget().made(Printer.print(render.budget(), value));
            return render.budget().made(change.apply(text));
        });
    }

    private static String title(String text) {
        StringBuilder out = new StringBuilder();
        Matcher between = WORD_START.matcher(text);
        int at = 0;
        while (between.find()) {
            out.append(StringMethods.capitalize(text.substring(at, between.start())))
                    .append(between.group());
            at = between.end();
        }
        return out.append(StringMethods.capitalize(text.substring(at))).toString();
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
    }

    private static Object trim(Render render, Object value, Arguments arguments) {
        Object set = arguments.bind("trim", "chars").getOrDefault("chars", None.NONE);
        String text = Printer.print(render.budget(), value);
        return render.budget()
                .made(Text.strip(text, true, true, set == None.NONE ? null : Values.text(set, "strip arg")));
    }

    private static Object replace(Render render, Object value, Arguments arguments) {
        Map<String, Object> given = arguments.bind("replace", "old", "new", "count");
        Budget budget = render.budget();
        if (!given.containsKey("old") || !given.containsKey("new")) {
            throw new TemplateException("replace needs what to replace and what by");
        }
        Object count = given.getOrDefault("count", None.NONE);
        return Text.replace(
                budget,
                Printer.print(budget, value),
                Printer.print(budget, given.getOrDefault("old", "")),
                Printer.print(budget, given.getOrDefault("new", "")),
                count == None.NONE ? -1 : Values.integer(count));
    }

    private static Object join(Render render, Object value, Arguments arguments) {
        Map<String, Object> given = arguments.bind("join", "d", "attribute");
        Budget budget = render.budget();
        String between = Printer.print(budget, given.getOrDefault("d", ""));
        Object attribute = given.getOrDefault("attribute", None.NONE);
        StringBuilder joined = new StringBuilder();
        for (Iterator<Object> items = Values.iterate(render, value); items.hasNext(); ) {
            joined.append(budget.made(Printer.print(budget, ListFilters.path(render, items.next(), attribute))));
            joined.append(items.hasNext() ? budget.made(between) : "");
        }
        return joined.toString();
    }

    private static Object indent(Render render, Object value, Arguments arguments) {
        Map<String, Object> given = arguments.bind("indent", "width", "first", "blank");
        Budget budget = render.budget();
        Object width = given.getOrDefault("width", 4L);
        String space = width instanceof String text ? text : Text.repeat(budget, " ", Values.integer(width));
        boolean blank = Values.isTrue(given.getOrDefault("blank", false));
        List<String> lines = Text.lines(budget, Values.text(value, "indent") + "\n", false);
        StringBuilder out = new StringBuilder(Values.isTrue(given.getOrDefault("first", false)) ? space : "");
        for (int i = 0; i < lines.size(); i++) {
            boolean indented = i > 0 && (blank || !lines.get(i).isEmpty());
            budget.make(lines.get(i).length() + (indented ? space.length() + 1L : 1L));
            out.append(i > 0 ? "\n" : "").append(indented ? space : "").append(lines.get(i));
        }
        return out.toString();
    }

    private static Object truncate(Render render, Object value, Arguments arguments) {
        Map<String, Object> given = arguments.bind("truncate", "length", "killwords", "end", "leeway");
        String text = Values.text(value, "truncate");
        String end = Values.text(given.getOrDefault("end", "..."), "the end");
        Object leeway = given.getOrDefault("leeway", None.NONE);
        long length = Values.integer(given.getOrDefault("length", 255L));
        long kept = length - Text.length(end);
        if (kept < 0) {
            throw new TemplateException("expected length >= " + Text.length(end) + ", got " + length);
        }
        render.budget().make(text.length());
        if (Text.length(text) <= length + (leeway == None.NONE ? LEEWAY : Values.integer(leeway))) {
            return text;
        }
        String cut = Text.slice(text, 0, (int) Math.min(kept, Text.length(text)));
        int space = Values.isTrue(given.getOrDefault("killwords", false)) ? -1 : cut.lastIndexOf(' ');
        return (space < 0 ? cut : cut.substring(0, space)) + end;
    }

    private static Object center(Render render, Object value, Arguments arguments) {
        Object width = arguments.bind("center", "width").getOrDefault("width", 80L);
        String text = Printer.print(render.budget(), value);
        return StringMethods.justified(render.budget(), text, Values.integer(width), " ", 1, 1);
    }

    private static Object format(Render render, Object value, Arguments arguments) {
        if (!arguments.named().isEmpty() && arguments.size() > 0) {
            throw new TemplateException("can't handle positional and keyword arguments at the same time");
        }
        Object values =
                arguments.named().isEmpty() ? new Tuple(new ArrayList<>(arguments.positional())) : arguments.named();
        return Formatting.percent(render, Printer.print(render.budget(), value), values);
    }

    private static Object wordCount(Render render, Object value, Arguments arguments) {
        arguments.requireNone("wordcount");
        return WORD.matcher(render.budget().made(Printer.print(render.budget(), value)))
                .results()
                .count();
    }
}
