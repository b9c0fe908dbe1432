package org.rlhf4j.core.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rlhf4j.base.Json;
import org.rlhf4j.core.config.Difference;

/**
 * Where a run's result comes from: enough to repeat it, and to see what differs where a repetition does.
 *
 * @param build which RLHF4J
 * @param platform what computed
 * @param started when, in UTC
 * @param directory the working directory, against which relative paths are meant
 * @param command the command line, word by word
 * @param seed of everything random
 * @param data the files that rows were read from
 * @param model the files of the start model; empty when it was made by the run
 */
public record Provenance(
        Build build,
        Platform platform,
        Instant started,
        Path directory,
        List<String> command,
        long seed,
        List<FileFingerprint> data,
        List<FileFingerprint> model) {

    private static final List<String> FILES = List.of("data", "model");

    /** Copies the lists. */
    public Provenance {
        command = List.copyOf(command);
        data = List.copyOf(data);
        model = List.copyOf(model);
    }

    /**
     * The provenance of a run that starts now; reads every file for its checksum.
     *
     * @param data files that rows are read from
     * @param model files, or directories whose files count
     */
    public static Provenance of(Instant started, List<String> command, long seed, List<Path> data, List<Path> model) {
        return new Provenance(
                Build.current(),
                Platform.current(),
                started,
                Path.of("").toAbsolutePath(),
                command,
                seed,
                fingerprints(data),
                fingerprints(model));
    }

    private static List<FileFingerprint> fingerprints(List<Path> paths) {
        return paths.stream()
                .flatMap(path -> FileFingerprint.ofAll(path).stream())
                .toList();
    }

    /** The content of {@code provenance.json}; times in ISO-8601. */
    public Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("rlhf4j", ordered("version", build.version(), "commit", build.commit()));
        json.put("started", started.toString());
        json.put("command", command);
        json.put("directory", directory.toString());
        json.put("seed", seed);
        json.put("data", data.stream().map(Provenance::file).toList());
        json.put("model", model.stream().map(Provenance::file).toList());
        json.put(
                "platform",
                ordered(
                        "jdk", platform.jdk(),
                        "os", platform.os(),
                        "arch", platform.arch(),
                        "cpu", platform.cpu(),
                        "processors", platform.processors(),
                        "djl", platform.djl(),
                        "pytorch", platform.pytorch(),
                        "device", platform.device(),
                        "threads", platform.threads()));
        return json;
    }

    /**
     * What decides over the last bit and is not as it was in an earlier provenance: data and start model, where they stand
     * does not matter; the version of RLHF4J; of the platform all but the name of the operating system and the number of processors.
     *
     * @param saved the content of a {@code provenance.json}
     */
    public List<Difference> differences(JsonNode saved) {
        JsonNode now = Json.mapper().valueToTree(toJson());
        Map<String, String> names = new LinkedHashMap<>(names(saved));
        names.putAll(names(now));
        return Difference.between(decisive(saved), decisive(now)).stream()
                .map(each -> new Difference(each.key() + names.getOrDefault(each.key(), ""), each.before(), each.now()))
                .toList();
    }

    /** What the files are called; where their bytes are the same, they may be called otherwise. */
    private static Map<String, String> names(JsonNode json) {
        Map<String, String> names = new LinkedHashMap<>();
        for (String group : FILES) {
            int number = 0;
            for (JsonNode file : json.path(group)) {
                Path name = Path.of(file.path("path").asText()).getFileName();
                names.put(group + "." + number++, "." + name);
            }
        }
        return names;
    }

    private static Map<String, String> decisive(JsonNode json) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String group : FILES) {
            int number = 0;
            for (JsonNode file : json.path(group)) {
                values.put(
                        group + "." + number++,
                        file.path("bytes").asText() + " bytes with SHA-256 "
                                + file.path("sha256").asText());
            }
        }
        for (String key : List.of("version", "commit")) {
            values.put("rlhf4j." + key, json.path("rlhf4j").path(key).asText());
        }
        for (String key : List.of("arch", "cpu", "jdk", "djl", "pytorch", "device", "threads")) {
            values.put("platform." + key, json.path("platform").path(key).asText());
        }
        return values;
    }

    private static Map<String, Object> file(FileFingerprint file) {
        return ordered("path", file.path(), "bytes", file.bytes(), "sha256", file.sha256());
    }

    private static Map<String, Object> ordered(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }
}
