package org.rlhf4j.cli.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.preference.format.FormatSetting;
import org.rlhf4j.preference.format.RowFormat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rlhf data formats}: what the rows of a file may look like. */
@Command(
        name = "formats",
        description = {
            "List the formats that are read, each with its layout, what its rows become, its settings and where it is"
                    + " documented.",
            "The format of a file is told from its first rows; --from NAME settles it, --with NAME=VALUE gives a setting."
        })
public final class FormatsCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "One format instead of all.")
    private @Nullable String name;

    @Option(
            names = "--json",
            description = "Print one JSON object: formats, each with name, layout, kind, schema, settings.")
    private boolean json;

    FormatsCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        List<RowFormat> formats = formats();
        if (json) {
            terminal.json(Map.of(
                    "formats", formats.stream().map(FormatsCommand::figures).toList()));
        } else {
            formats.forEach(this::print);
        }
        return ExitCode.DONE;
    }

    private List<RowFormat> formats() {
        try {
            return name == null ? RowFormat.all() : List.of(RowFormat.named(name));
        } catch (DataFormatException e) {
            throw new UsageException(e.reason());
        }
    }

    private void print(RowFormat format) {
        terminal.result("%s (%s)", format.name(), format.kind().plural());
        terminal.result("  %s", format.layout());
        for (FormatSetting setting : format.settings()) {
            String standard = setting.standard().isEmpty() ? "" : " (default: " + setting.standard() + ")";
            terminal.result("  --with %s=VALUE: %s%s", setting.name(), setting.meaning(), standard);
        }
        terminal.result("  documented in %s", format.schema());
    }

    private static Map<String, Object> figures(RowFormat format) {
        List<Object> settings = new ArrayList<>();
        for (FormatSetting setting : format.settings()) {
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("name", setting.name());
            figures.put("meaning", setting.meaning());
            figures.put("default", setting.standard());
            settings.add(figures);
        }
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("name", format.name());
        figures.put("kind", format.kind().plural());
        figures.put("layout", format.layout());
        figures.put("schema", format.schema());
        figures.put("settings", settings);
        return figures;
    }
}
