package org.rlhf4j.lm;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.core.run.FileFingerprint;

/**
 * The model that an adapter was trained on, in {@code rlhf4j_base.json} beside it: on another one its weights mean nothing.
 *
 * @param weights SHA-256 of each weight file, by its name
 */
record AdapterBase(Map<String, String> weights) {
    /** The name of the file. */
    static final String FILE = "rlhf4j_base.json";

    private static final int VERSION = 1;

    /** That of weight files as they are now. */
    static AdapterBase of(List<Path> files) {
        Map<String, String> weights = new TreeMap<>();
        files.forEach(file -> weights.put(
                String.valueOf(file.getFileName()), FileFingerprint.of(file).sha256()));
        return new AdapterBase(weights);
    }

    static AdapterBase read(Path file) {
        JsonFields json = JsonFields.of(Json.read(file), file.toString(), 0);
        json.allowOnly(List.of("format_version", "weights"));
        if (json.integer("format_version") != VERSION) {
            throw json.problem(
                    "format_version",
                    "is " + json.integer("format_version") + ", this version of RLHF4J reads " + VERSION);
        }
        Map<String, String> weights = new TreeMap<>();
        JsonFields listed = json.object("weights");
        listed.names().forEach(name -> weights.put(name, listed.text(name)));
        return new AdapterBase(weights);
    }

    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("format_version", VERSION);
        ObjectNode listed = json.putObject("weights");
        weights.forEach(listed::put);
        return json;
    }

    /**
     * Refuses another model.
     *
     * @param base its directory
     * @param files its weight files
     * @param adapter the adapter's directory
     * @throws DataFormatException if its weights are not those of this one
     */
    void requireEqual(Path base, List<Path> files, Path adapter) {
        AdapterBase actual = of(files);
        List<String> other = new ArrayList<>();
        weights.forEach((name, sha256) -> {
            if (!sha256.equals(actual.weights.get(name))) {
                other.add(name);
            }
        });
        if (!other.isEmpty() || actual.weights.size() != weights.size()) {
            throw new DataFormatException(
                    adapter.toString(),
                    0,
                    "was trained on a model with other weights than " + base + " (" + String.join(", ", other)
                            + "): name the one that it was trained on (--base)");
        }
    }
}
