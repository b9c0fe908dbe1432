package org.rlhf4j.core.safetensors;

import static org.rlhf4j.core.safetensors.HeaderParser.quoted;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.ModelDirectory;
import org.rlhf4j.core.safetensors.SafetensorsFile.NonFinite;
import org.rlhf4j.core.tensor.Precision;

/**
 * The weights of a Hugging Face model directory: {@code model.safetensors}, or shards named by
 * {@code model.safetensors.index.json}. Every file's header is checked on opening, and index and shards must agree to
 * the tensor; the index can name nothing outside the directory. Pickles are never opened.
 */
public final class WeightDirectory implements AutoCloseable {
    static final String SINGLE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";

    private static final Pattern SHARD = Pattern.compile("model-\\d{5}-of-\\d{5}\\.safetensors");
    private static final List<String> PICKLES = List.of("pytorch_model.bin", "pytorch_model.bin.index.json");

    private final Path directory;
    private final List<SafetensorsFile> files;
    private final Map<String, SafetensorsFile> byTensor = new LinkedHashMap<>();

    private WeightDirectory(Path directory, List<SafetensorsFile> files) {
        this.directory = directory;
        this.files = files;
    }

    /**
     * Opens all weight files of a directory.
     *
     * @throws DataFormatException naming the file that is missing, damaged, left over or outside the directory
     */
    public static WeightDirectory open(Path directory) {
        Path single = directory.resolve(SINGLE);
        Path index = directory.resolve(INDEX);
        if (Files.exists(single) && Files.exists(index)) {
            throw bad(
                    directory,
                    "holds both " + SINGLE + " and " + INDEX + "; one of them is left over from another model");
        }
        if (Files.exists(index)) {
            return openShards(directory, index);
        }
        if (!Files.exists(single)) {
            throw bad(directory, "holds neither " + SINGLE + " nor " + INDEX + pickleHint(directory));
        }
        WeightDirectory weights = new WeightDirectory(directory, new ArrayList<>());
        weights.add(single);
        return weights;
    }

    private static WeightDirectory openShards(Path directory, Path index) {
        ModelDirectory.requireInside(directory, index);
        Map<String, String> weightMap = weightMap(index);
        WeightDirectory weights = new WeightDirectory(directory, new ArrayList<>());
        try {
            Set<String> shards = new TreeSet<>(weightMap.values());
            for (String shard : shards) {
                weights.add(directory.resolve(shard));
            }
            weights.checkAgainst(index, weightMap);
            refuseLeftOvers(directory, shards);
            return weights;
        } catch (RuntimeException | Error e) {
            weights.close();
            throw e;
        }
    }

    private static Map<String, String> weightMap(Path index) {
        JsonNode map = Json.read(index).path("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw bad(index, "has no weight_map from tensor to file");
        }
        Map<String, String> weightMap = new LinkedHashMap<>();
        map.properties().forEach(entry -> {
            JsonNode file = entry.getValue();
            if (!file.isTextual() || !isPlainName(file.textValue())) {
                throw bad(
                        index,
                        "sends tensor " + quoted(entry.getKey()) + " to " + quoted(file.asText())
                                + ", which is not the plain name of a .safetensors file beside it");
            }
            weightMap.put(entry.getKey(), file.textValue());
        });
        return weightMap;
    }

    private static boolean isPlainName(String file) {
        return file.endsWith(".safetensors")
                && file.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || c < ' ');
    }

    private void add(Path file) {
        ModelDirectory.requireInside(directory, file);
        SafetensorsFile opened = SafetensorsFile.open(file);
        files.add(opened);
        for (TensorInfo tensor : opened.tensors()) {
            SafetensorsFile other = byTensor.putIfAbsent(tensor.name(), opened);
            if (other != null) {
                throw bad(
                        file,
                        "tensor " + quoted(tensor.name()) + " is also in "
                                + other.path().getFileName());
            }
        }
    }

    private void checkAgainst(Path index, Map<String, String> weightMap) {
        weightMap.forEach((tensor, file) -> {
            SafetensorsFile holder = byTensor.get(tensor);
            if (holder == null || !holder.path().endsWith(file)) {
                throw bad(index, "sends tensor " + quoted(tensor) + " to " + quoted(file) + ", which does not hold it");
            }
        });
        for (String tensor : byTensor.keySet()) {
            if (!weightMap.containsKey(tensor)) {
                throw bad(
                        index,
                        "does not list tensor " + quoted(tensor) + ", which is in "
                                + fileOf(tensor).path().getFileName());
            }
        }
    }

    private static void refuseLeftOvers(Path directory, Set<String> shards) {
        try (Stream<Path> entries = Files.list(directory)) {
            entries.map(entry -> String.valueOf(entry.getFileName()))
                    .filter(name -> SHARD.matcher(name).matches() && !shards.contains(name))
                    .sorted()
                    .findFirst()
                    .ifPresent(name -> {
                        throw bad(
                                directory,
                                "holds " + name + ", which " + INDEX + " does not name: left over from"
                                        + " another model");
                    });
        } catch (IOException e) {
            throw new DataFormatException(directory.toString(), 0, "cannot be listed: " + e.getMessage(), e);
        }
    }

    private static String pickleHint(Path directory) {
        return PICKLES.stream()
                .filter(name -> Files.exists(directory.resolve(name)))
                .findFirst()
                .map(name -> "; " + name + " is a pickle, which is never opened: convert it to safetensors")
                .orElse("");
    }

    /** The names of all tensors, file after file. */
    public Set<String> names() {
        return Collections.unmodifiableSet(byTensor.keySet());
    }

    /** The weight files, in the order of their names. */
    public List<Path> files() {
        return files.stream().map(SafetensorsFile::path).toList();
    }

    /** What the headers say of a tensor. */
    public TensorInfo info(String tensor) {
        return fileOf(tensor).info(tensor);
    }

    /** As {@link SafetensorsFile#read(String, NDManager, NonFinite)}. */
    public NDArray read(String tensor, NDManager manager, NonFinite nonFinite) {
        return fileOf(tensor).read(tensor, manager, nonFinite);
    }

    /** As {@link SafetensorsFile#read(String, NDManager, NonFinite, Precision)}. */
    public NDArray read(String tensor, NDManager manager, NonFinite nonFinite, Precision precision) {
        return fileOf(tensor).read(tensor, manager, nonFinite, precision);
    }

    /** As {@link SafetensorsFile#readFloats(String, NonFinite)}. */
    public float[] readFloats(String tensor, NonFinite nonFinite) {
        return fileOf(tensor).readFloats(tensor, nonFinite);
    }

    /**
     * Whether two weights have the same shape and, widened to float32, the same values; piece by piece.
     *
     * @throws DataFormatException if one of them is not there or not of a weight type
     */
    public boolean areEqual(String one, String other) {
        TensorInfo info = info(one);
        if (!info.shape().equals(info(other).shape())) {
            return false;
        }
        for (long first = 0; first < info.elements(); first += TensorTransfer.CHUNK) {
            int count = (int) Math.min(TensorTransfer.CHUNK, info.elements() - first);
            float[] values = fileOf(one).readFloats(one, first, count);
            if (!Arrays.equals(values, fileOf(other).readFloats(other, first, count))) {
                return false;
            }
        }
        return true;
    }

    private SafetensorsFile fileOf(String tensor) {
        SafetensorsFile file = byTensor.get(tensor);
        if (file == null) {
            throw bad(
                    directory,
                    "holds no tensor " + quoted(tensor) + SafetensorsFile.nearest(tensor, byTensor.keySet()));
        }
        return file;
    }

    private static DataFormatException bad(Path place, String reason) {
        return new DataFormatException(place.toString(), 0, reason);
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
