package org.rlhf4j.core.safetensors;

import static org.rlhf4j.core.safetensors.HeaderParser.quoted;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.rlhf4j.base.DirectoryTransaction;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.base.StorageFile;
import org.rlhf4j.base.StorageWriter;

/**
 * Writes weights as safetensors, laid out as the reference writer does: wider types first, then by name; the header is
 * padded with spaces so that the data starts at a multiple of 8 bytes, and its metadata says {@code {"format":"pt"}},
 * without which older releases of transformers refuse the file.
 *
 * <p>Float16 and bfloat16 values are rounded to nearest, ties to even. NaN, infinities and values that the element type
 * cannot hold are refused, and the file does not appear.
 */
public final class SafetensorsWriter {
    /** The shard size of transformers: 50 GB. */
    public static final long DEFAULT_MAX_SHARD_BYTES = 50_000_000_000L;

    private static final int MAX_HEADER_BYTES = 100_000_000;

    private SafetensorsWriter() {}

    /**
     * Writes one file; it appears complete or not at all.
     *
     * @throws IOException naming the file
     * @throws WeightRangeException for a value that must not or cannot be stored
     */
    public static void write(Storage storage, Path file, List<TensorSource> tensors) throws IOException {
        storage.writeAtomically(file, content(tensors));
    }

    /** As {@link #write(Storage, Path, List)}, as a file of a directory in the making. */
    public static void write(DirectoryTransaction directory, String fileName, List<TensorSource> tensors)
            throws IOException {
        directory.write(fileName, content(tensors));
    }

    /**
     * What writes a file's bytes, for who gives it a place of another kind.
     *
     * @return throws {@link WeightRangeException} when it writes a value that must not or cannot be stored
     */
    public static StorageWriter content(List<TensorSource> tensors) {
        List<TensorSource> ordered = ordered(tensors);
        byte[] header = header(ordered);
        return out -> writeTo(out, header, ordered);
    }

    /**
     * Writes a model's weights as {@code model.safetensors}, or as shards with {@code model.safetensors.index.json}
     * where they take more than {@code maxShardBytes} together. Shards are filled in the order given; a tensor larger
     * than the limit gets a shard of its own.
     *
     * @return the names of the weight files, in order
     */
    public static List<String> writeModel(
            DirectoryTransaction directory, List<TensorSource> tensors, long maxShardBytes) throws IOException {
        List<List<TensorSource>> shards = shards(tensors, maxShardBytes);
        if (shards.size() == 1) {
            write(directory, WeightDirectory.SINGLE, tensors);
            return List.of(WeightDirectory.SINGLE);
        }
        ordered(tensors);
        List<String> files = new ArrayList<>();
        Map<String, String> weightMap = new TreeMap<>();
        for (int i = 0; i < shards.size(); i++) {
            String file = String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
            write(directory, file, shards.get(i));
            shards.get(i).forEach(tensor -> weightMap.put(tensor.name(), file));
            files.add(file);
        }
        Map<String, Object> index = new LinkedHashMap<>();
        index.put("metadata", Map.of("total_size", bytes(tensors)));
        index.put("weight_map", weightMap);
        directory.write(WeightDirectory.INDEX, Json.pretty(index).getBytes(StandardCharsets.UTF_8));
        return files;
    }

    /** Bytes that the tensors take in files, without headers. */
    public static long bytes(List<TensorSource> tensors) {
        long sum = 0;
        for (TensorSource tensor : tensors) {
            sum = Math.addExact(sum, tensor.bytes());
        }
        return sum;
    }

    private static List<List<TensorSource>> shards(List<TensorSource> tensors, long maxShardBytes) {
        if (maxShardBytes <= 0) {
            throw new IllegalArgumentException("maxShardBytes is " + maxShardBytes + ", must be positive");
        }
        List<List<TensorSource>> shards = new ArrayList<>();
        shards.add(new ArrayList<>());
        long filled = 0;
        for (TensorSource tensor : tensors) {
            if (filled > 0 && filled + tensor.bytes() > maxShardBytes) {
                shards.add(new ArrayList<>());
                filled = 0;
            }
            shards.get(shards.size() - 1).add(tensor);
            filled += tensor.bytes();
        }
        return shards;
    }

    private static List<TensorSource> ordered(List<TensorSource> tensors) {
        Set<String> names = new HashSet<>();
        for (TensorSource tensor : tensors) {
            int length = tensor.name().getBytes(StandardCharsets.UTF_8).length;
            if (length == 0
                    || length > HeaderParser.MAX_NAME_BYTES
                    || tensor.name().equals(HeaderParser.METADATA)) {
                throw new IllegalArgumentException("a tensor cannot be named " + quoted(tensor.name()));
            }
            if (!names.add(tensor.name())) {
                throw new IllegalArgumentException("two tensors are named " + quoted(tensor.name()));
            }
        }
        List<TensorSource> ordered = new ArrayList<>(tensors);
        ordered.sort(Comparator.comparing(TensorSource::dtype).reversed().thenComparing(TensorSource::name));
        return ordered;
    }

    private static byte[] header(List<TensorSource> ordered) {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put(HeaderParser.METADATA, Map.of("format", "pt"));
        long begin = 0;
        for (TensorSource tensor : ordered) {
            long end = Math.addExact(begin, tensor.bytes());
            Map<String, Object> info = new LinkedHashMap<>();
            info.put("dtype", tensor.dtype().name());
            info.put("shape", tensor.shape().getShape());
            info.put("data_offsets", new long[] {begin, end});
            header.put(tensor.name(), info);
            begin = end;
        }
        byte[] json = Json.write(header).getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + 7) / 8 * 8;
        if (padded > MAX_HEADER_BYTES) {
            throw new IllegalArgumentException("the names of " + ordered.size() + " tensors do not fit a header");
        }
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(padded).put(json);
        while (bytes.hasRemaining()) {
            bytes.put((byte) ' ');
        }
        return bytes.array();
    }

    private static void writeTo(StorageFile out, byte[] header, List<TensorSource> ordered) throws IOException {
        out.write(ByteBuffer.wrap(header));
        for (TensorSource tensor : ordered) {
            writeTensor(out, tensor);
        }
    }

    private static void writeTensor(StorageFile out, TensorSource tensor) throws IOException {
        long size = tensor.shape().size();
        long refused = 0;
        float worst = 0;
        for (long first = 0; first < size; first += TensorTransfer.CHUNK) {
            int count = (int) Math.min(TensorTransfer.CHUNK, size - first);
            float[] values = tensor.elements().read(first, count);
            for (float value : values) {
                if (!fits(value, tensor.dtype())) {
                    refused++;
                    worst = value;
                }
            }
            // Nothing after the first bad value is worth writing, yet all of them are counted.
            if (refused == 0) {
                out.write(encode(values, tensor.dtype()));
            }
        }
        if (refused > 0) {
            throw new WeightRangeException(
                    tensor.name(),
                    "tensor " + quoted(tensor.name()) + " holds " + refused + " values of " + size
                            + " that are NaN, infinite or too large for " + tensor.dtype() + " (one is " + worst
                            + "); nothing was saved");
        }
    }

    private static boolean fits(float value, DType dtype) {
        return switch (dtype) {
            case F16 -> Math.abs(value) <= HalfPrecision.F16_MAX;
            case BF16 -> Float.isFinite(HalfPrecision.bf16ToFloat(HalfPrecision.floatToBf16(value)));
            default -> Float.isFinite(value);
        };
    }

    private static ByteBuffer encode(float[] values, DType dtype) {
        ByteBuffer bytes =
                ByteBuffer.allocate(values.length * dtype.bits() / Byte.SIZE).order(ByteOrder.LITTLE_ENDIAN);
        switch (dtype) {
            case F16 -> {
                for (float value : values) {
                    bytes.putShort(HalfPrecision.floatToF16(value));
                }
            }
            case BF16 -> {
                for (float value : values) {
                    bytes.putShort(HalfPrecision.floatToBf16(value));
                }
            }
            default -> bytes.asFloatBuffer().put(values);
        }
        return bytes.rewind();
    }
}
