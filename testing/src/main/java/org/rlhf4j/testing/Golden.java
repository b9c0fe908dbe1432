package org.rlhf4j.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The golden files: numbers and checkpoints that other implementations computed, below {@code /golden} on the class path.
 * {@code testing/golden/README.md} says what they mean.
 */
public final class Golden {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Golden() {}

    /**
     * Reads a JSON file.
     *
     * @param path below {@code /golden}, without {@code .json}: {@code "optim/adamw"}
     * @return its content
     */
    public static JsonNode json(String path) {
        try {
            return MAPPER.readTree(bytes(path + ".json"));
        } catch (IOException e) {
            throw new UncheckedIOException("golden file " + path + ".json", e);
        }
    }

    /**
     * The values of one array of a JSON file.
     *
     * @param path below {@code /golden}, without {@code .json}
     * @param field the name of an array of objects: {@code "cases"}
     * @return its elements; never empty, so that a test that loops over them tests something
     */
    public static List<JsonNode> cases(String path, String field) {
        List<JsonNode> cases = new ArrayList<>();
        json(path).path(field).forEach(cases::add);
        if (cases.isEmpty()) {
            throw new IllegalArgumentException("golden file " + path + ".json has nothing under \"" + field + "\"");
        }
        return cases;
    }

    /**
     * Reads a file.
     *
     * @param path below {@code /golden}
     * @return its bytes
     */
    public static byte[] bytes(String path) {
        try (InputStream in = Golden.class.getResourceAsStream("/golden/" + path)) {
            if (in == null) {
                throw new IllegalArgumentException("there is no golden file " + path);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("golden file " + path, e);
        }
    }

    /** Reads a text file, given its path below {@code /golden}. */
    public static String text(String path) {
        return new String(bytes(path), StandardCharsets.UTF_8);
    }

    /**
     * Copies a directory, such as a checkpoint, out of the class path.
     *
     * @param path below {@code /golden}: {@code "models/llama_gqa"}
     * @param parent an existing directory of the test's own
     * @return the copy, {@code parent/llama_gqa}, with everything in it
     */
    public static Path copyDirectory(String path, Path parent) {
        try {
            Path root = Path.of(Golden.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return copyFrom(root, path, parent);
        } catch (IOException e) {
            throw new UncheckedIOException("golden directory " + path, e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the class path holds no file location of the golden files", e);
        }
    }

    /** Copies from a directory of classes or from a jar. */
    static Path copyFrom(Path root, String path, Path parent) throws IOException {
        if (Files.isDirectory(root)) {
            return copy(root.resolve("golden").resolve(path), parent);
        }
        try (FileSystem jar = FileSystems.newFileSystem(root)) {
            return copy(jar.getPath("/golden").resolve(path), parent);
        }
    }

    private static Path copy(Path source, Path parent) throws IOException {
        if (!Files.isDirectory(source)) {
            throw new IllegalArgumentException("there is no golden directory " + source);
        }
        Path target = parent.resolve(source.getFileName().toString());
        try (Stream<Path> tree = Files.walk(source)) {
            for (Path from : tree.toList()) {
                Files.copy(from, target.resolve(source.relativize(from).toString()));
            }
        }
        return target;
    }

    /**
     * The numbers of an array, nested arrays one after the other; the strings "NaN", "Infinity" and "-Infinity" are
     * numbers too.
     *
     * @param array a JSON array, or one number
     * @return the numbers, flat, row-major
     */
    public static double[] doubles(JsonNode array) {
        List<Double> values = new ArrayList<>();
        flatten(array, values);
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** As {@link #doubles(JsonNode)}, rounded to float32. */
    public static float[] floats(JsonNode array) {
        double[] values = doubles(array);
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    /** The rows of an array of arrays of numbers; rows may differ in length. */
    public static double[][] rows(JsonNode array) {
        double[][] rows = new double[array.size()][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = doubles(array.get(i));
        }
        return rows;
    }

    /** The integers of an array. */
    public static int[] ints(JsonNode array) {
        int[] values = new int[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = requireInt(array.get(i));
        }
        return values;
    }

    /** The rows of an array of arrays of integers; rows may differ in length. */
    public static int[][] intRows(JsonNode array) {
        int[][] rows = new int[array.size()][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = ints(array.get(i));
        }
        return rows;
    }

    /** The strings of an array. */
    public static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(value -> texts.add(value.textValue()));
        return texts;
    }

    private static int requireInt(JsonNode value) {
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw new IllegalArgumentException("golden file has " + value + " where an integer belongs");
        }
        return value.intValue();
    }

    private static void flatten(JsonNode node, List<Double> values) {
        if (node.isArray()) {
            node.forEach(element -> flatten(element, values));
        } else if (node.isNumber()) {
            values.add(node.doubleValue());
        } else if (node.isTextual()) {
            values.add(Double.valueOf(node.textValue()));
        } else {
            throw new IllegalArgumentException("golden file has " + node + " where a number belongs");
        }
    }
}
