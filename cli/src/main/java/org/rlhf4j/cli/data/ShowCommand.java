package org.rlhf4j.cli.data;

import static org.rlhf4j.cli.data.Options.count;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.preference.show.DataShow;
import org.rlhf4j.preference.show.HtmlPage;
import org.rlhf4j.preference.show.TerminalPage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rlhf data show}: rows as people read them. */
@Command(
        name = "show",
        description = {
            "Show rows: the prompt, and below it the completions side by side with their differences marked.",
            "Rows that cannot be read are shown with the reason."
        })
public final class ShowCommand implements Callable<Integer> {
    private static final int DEFAULT_WIDTH = 100;
    private static final long DEFAULT_LIMIT = 10;
    private static final long HTML_LIMIT = 200;
    private static final Pattern RANGE = Pattern.compile("([1-9][0-9]{0,17})?-([1-9][0-9]{0,17})?");

    /** When to colour. */
    enum Color {
        /** On a terminal, unless NO_COLOR is set. */
        AUTO,
        /** Whatever the output is. */
        ALWAYS,
        /** Marks instead of colours. */
        NEVER
    }

    private final Terminal terminal;

    @Parameters(arity = "1..*", paramLabel = "F", description = "Files to show; - is standard input.")
    private List<String> files = List.of();

    @Mixin
    private Reading reading = new Reading();

    @Option(
            names = "--rows",
            paramLabel = "A-B",
            description = "Only rows A to B of each file, from 1; A- and -B are open.")
    private @Nullable String rows;

    @Option(names = "--row", paramLabel = "N", description = "Only row N of each file.")
    private @Nullable Long row;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "At most so many rows in all. Default: 10, and 200 with --html.")
    private @Nullable Long limit;

    @Option(
            names = "--problems",
            description = "Only rows that break a rule; the rules of single rows, see rlhf data rules.")
    private boolean problems;

    @Option(names = "--width", paramLabel = "N", description = "Columns of the page. Default: the terminal's, or 100.")
    private @Nullable Integer width;

    @Option(
            names = "--color",
            paramLabel = "WHEN",
            description = "auto, always or never. auto is: on a terminal, unless NO_COLOR is set. Without colours"
                    + " differences stand in {+ +} and [- -].")
    private Color color = Color.AUTO;

    @Option(
            names = "--html",
            paramLabel = "OUT",
            description = "Write a page of HTML that needs nothing else, instead of showing rows here.")
    private @Nullable Path html;

    ShowCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        Path target = html;
        if (target != null) {
            writePage(target);
            return ExitCode.DONE;
        }
        int columns = width != null ? width : terminal.columns() > 0 ? terminal.columns() : DEFAULT_WIDTH;
        if (columns < TerminalPage.MIN_WIDTH) {
            if (width != null) {
                throw new UsageException("--width is " + width + ", must be at least " + TerminalPage.MIN_WIDTH);
            }
            columns = TerminalPage.MIN_WIDTH;
        }
        TerminalPage page = new TerminalPage(columns, colored());
        DataShow.Shown shown = selection(DEFAULT_LIMIT).show(Options.sources(files, terminal), view -> {
            page.lines(view).forEach(line -> terminal.result("%s", line));
            terminal.result("%s", "");
            return true;
        });
        terminal.note("%s", count(shown.shown(), "row") + (shown.more() ? "; there are more (--limit, --rows)" : ""));
        return ExitCode.DONE;
    }

    private void writePage(Path target) throws IOException {
        if (width != null || color != Color.AUTO) {
            throw new UsageException("--width and --color are for the terminal; --html has neither");
        }
        HtmlPage page = new HtmlPage();
        DataShow.Shown shown = selection(HTML_LIMIT).show(Options.sources(files, terminal), page::add);
        Storage.disk().writeAtomically(target, out -> {
            Writer text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
            page.writeTo(text, String.join(", ", files), shown.more());
            text.flush();
        });
        terminal.result(
                "%s: %s",
                target, count(shown.shown(), "row") + (shown.more() ? "; there are more (--limit, --rows)" : ""));
    }

    private DataShow selection(long defaultLimit) {
        long first = 1;
        long last = Long.MAX_VALUE;
        if (rows != null && row != null) {
            throw new UsageException("--rows and --row: give one of them");
        }
        if (rows != null) {
            Matcher range = RANGE.matcher(rows);
            if (!range.matches() || rows.equals("-")) {
                throw new UsageException(
                        "--rows is \"" + rows + "\", must be two numbers from 1 as in 20-29, 20- or -29");
            }
            first = range.group(1) == null ? first : Long.parseLong(range.group(1));
            last = range.group(2) == null ? last : Long.parseLong(range.group(2));
        }
        if (row != null) {
            first = row;
            last = row;
        }
        try {
            return new DataShow(reading.options(), first, last, limit == null ? defaultLimit : limit, problems);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    private boolean colored() {
        return switch (color) {
            case ALWAYS -> true;
            case NEVER -> false;
            case AUTO -> terminal.columns() > 0 && System.getenv("NO_COLOR") == null;
        };
    }
}
