package org.rlhf4j.preference.clean;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.base.Storage;
import org.rlhf4j.preference.read.ReadOptions;

/**
 * Where a file of data comes from: what was read, what was done and what was written. It has no clock and of files only
 * their names, so that the same data and chain give the same bytes wherever and whenever.
 *
 * @param version the version of RLHF4J
 * @param command the command, such as {@code data clean}
 * @param reading how the rows were understood
 * @param inputs what was read
 * @param done what was done, by name: settings, steps, counts
 * @param outputs what was written
 */
public record Lineage(
        String version,
        String command,
        ReadOptions reading,
        List<Input> inputs,
        Map<String, Object> done,
        List<Output> outputs) {
    private static final String SUFFIX = ".lineage.json";

    /** Copies the lists. */
    public Lineage {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /**
     * A file that was read.
     *
     * @param content what it was
     * @param container what kind of file, such as {@code JSON Lines}
     * @param format the format of its rows
     * @param rows how many it has, bad ones too
     */
    public record Input(FileContent content, String container, String format, long rows) {}

    /**
     * A file that was written.
     *
     * @param content what it is
     * @param rows how many it has
     */
    public record Output(FileContent content, long rows) {}

    /** Where the lineage of a file stands: beside it, as {@code F.lineage.json}. */
    public static Path beside(Path file) {
        return file.resolveSibling(file.getFileName() + SUFFIX);
    }

    /**
     * Writes it, completely or not at all.
     *
     * @param file where to
     * @throws IOException if it cannot be written
     */
    public void write(Path file) throws IOException {
        Storage.disk().writeAtomically(file, Json.pretty(toJson()).getBytes(StandardCharsets.UTF_8));
    }

    /** The content of the file. */
    public ObjectNode toJson() {
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("format", reading.formatName());
        options.put("columns", new TreeMap<>(reading.columns()));
        options.put("settings", new TreeMap<>(reading.settings()));
        ObjectNode lineage = Json.object();
        lineage.put("rlhf4j", version);
        lineage.put("command", command);
        lineage.set("reading", Json.mapper().valueToTree(options));
        ArrayNode read = lineage.putArray("inputs");
        for (Input input : inputs) {
            read.add(input.content()
                    .toJson()
                    .put("container", input.container())
                    .put("format", input.format())
                    .put("rows", input.rows()));
        }
        lineage.setAll((ObjectNode) Json.mapper().valueToTree(done));
        ArrayNode written = lineage.putArray("outputs");
        outputs.forEach(output -> written.add(output.content().toJson().put("rows", output.rows())));
        return lineage;
    }

    /**
     * How the rows were understood when a chain was recorded.
     *
     * @param lineage the content of a lineage file
     * @param file its name, for messages
     * @return the options
     * @throws org.rlhf4j.base.DataFormatException if they are not recorded, or are not known
     */
    public static ReadOptions reading(JsonNode lineage, String file) {
        JsonFields options = JsonFields.of(lineage, file, 0).object("reading");
        return new ReadOptions(
                options.optionalText("format"), texts(options.object("columns")), texts(options.object("settings")));
    }

    private static Map<String, String> texts(JsonFields fields) {
        Map<String, String> texts = new TreeMap<>();
        fields.names().forEach(name -> texts.put(name, fields.text(name)));
        return texts;
    }
}
