package org.rlhf4j.core.safetensors;

import static org.rlhf4j.core.safetensors.HeaderParser.quoted;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.NearestName;
import org.rlhf4j.core.tensor.Precision;

/**
 * An open safetensors file: its header is checked completely before the first weight is read, and weights arrive as
 * float32 whatever precision the file has.
 *
 * <p>Stricter than the reference implementation: a tensor named twice, an empty name and an overflow hidden behind a
 * zero dimension are refused too. Data is read by position into private buffers; the file is never mapped, since an
 * engine that updates weights in place would write through the mapping.
 *
 * <p>Safe for use by one thread at a time.
 */
public final class SafetensorsFile implements AutoCloseable {
    private static final long MAX_HEADER_BYTES = 100_000_000;

    private final String name;
    private final Path path;
    private final FileChannel channel;
    private final long dataStart;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, String> metadata;

    private SafetensorsFile(Path path, FileChannel channel, long dataStart, HeaderParser.Header header) {
        this.path = path;
        this.name = path.toString();
        this.channel = channel;
        this.dataStart = dataStart;
        this.metadata = header.metadata();
        header.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
    }

    /** What to do with values that are NaN or infinite. */
    public enum NonFinite {
        /** Refuse the tensor with a count. */
        REFUSE,
        /** Take the values as they are. */
        ALLOW
    }

    /**
     * Opens a file and checks its header.
     *
     * @throws DataFormatException when it is not there, cannot be read or is not a well-formed safetensors file; where
     *     its first bytes tell, the message says what it is instead
     */
    public static SafetensorsFile open(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new DataFormatException(
                    path.toString(), 0, Files.exists(path) ? "this is not a regular file" : "there is no such file");
        }
        FileChannel channel;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ);
        } catch (IOException e) {
            throw new DataFormatException(path.toString(), 0, "cannot be read: " + e.getMessage(), e);
        }
        try {
            return read(path, channel);
        } catch (IOException e) {
            closeQuietly(channel, e);
            throw new DataFormatException(path.toString(), 0, "cannot be read: " + e.getMessage(), e);
        } catch (RuntimeException | Error e) {
            closeQuietly(channel, e);
            throw e;
        }
    }

    private static void closeQuietly(FileChannel channel, Throwable why) {
        try {
            channel.close();
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    private static SafetensorsFile read(Path path, FileChannel channel) throws IOException {
        String name = path.toString();
        long size = channel.size();
        byte[] start = new byte[(int) Math.min(size, 64)];
        readFully(channel, ByteBuffer.wrap(start), 0, name);
        if (size < Long.BYTES) {
            throw notSafetensors(name, start, "too small for a safetensors file: " + size + " bytes");
        }
        long length = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong();
        // Unsigned, and before anything of that size is allocated.
        if (Long.compareUnsigned(length, MAX_HEADER_BYTES) > 0 || length > size - Long.BYTES) {
            String claim = "it claims a header of " + Long.toUnsignedString(length) + " bytes in a file of " + size;
            throw notSafetensors(name, start, "not a safetensors file, or cut short: " + claim);
        }
        if (length == 0 || (start[Long.BYTES] != '{' && !isJsonSpace(start[Long.BYTES]))) {
            throw notSafetensors(name, start, "not a safetensors file: its header is not a JSON object");
        }
        byte[] header = new byte[(int) length];
        readFully(channel, ByteBuffer.wrap(header), Long.BYTES, name);
        long dataStart = Long.BYTES + length;
        return new SafetensorsFile(path, channel, dataStart, HeaderParser.parse(header, size - dataStart, name));
    }

    private static DataFormatException notSafetensors(String name, byte[] start, String reason) {
        String other = FileMagic.describe(start);
        return new DataFormatException(
                name, 0, other == null ? reason : "this is " + other + ", not a safetensors file");
    }

    /** The file this was opened from. */
    public Path path() {
        return path;
    }

    /** All tensors, in the order of their data. */
    public List<TensorInfo> tensors() {
        return List.copyOf(tensors.values());
    }

    /** Whether the file holds a tensor of that name. */
    public boolean contains(String tensor) {
        return tensors.containsKey(tensor);
    }

    /** The header's {@code __metadata__}; empty when it has none. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /**
     * What the header says of a tensor.
     *
     * @throws DataFormatException when there is none of that name; the nearest one is named
     */
    public TensorInfo info(String tensor) {
        TensorInfo info = tensors.get(tensor);
        if (info == null) {
            throw bad("there is no tensor " + quoted(tensor) + " among its " + tensors.size()
                    + nearest(tensor, tensors.keySet()));
        }
        return info;
    }

    /** The nearest name as half a sentence; only names of similar length are compared, for a header may hold a million. */
    static String nearest(String tensor, Set<String> names) {
        int slack = Math.max(1, tensor.length() / 2);
        List<String> similar = names.stream()
                .filter(name -> Math.abs(name.length() - tensor.length()) <= slack)
                .toList();
        return NearestName.of(tensor, similar)
                .map(near -> "; the nearest is " + quoted(near))
                .orElse("");
    }

    /** {@link #read(String, NDManager, NonFinite)}, refusing NaN and infinities. */
    public NDArray read(String tensor, NDManager manager) {
        return read(tensor, manager, NonFinite.REFUSE);
    }

    /** {@link #read(String, NDManager, NonFinite, Precision)}, as float32. */
    public NDArray read(String tensor, NDManager manager, NonFinite nonFinite) {
        return read(tensor, manager, nonFinite, Precision.FLOAT32);
    }

    /**
     * Reads a tensor as a new array that owns its memory, in chunks, so that tensors above 2 GiB work and nothing else of the
     * tensor's size is held.
     *
     * @param tensor the tensor's name
     * @param manager the manager that will own the array
     * @param nonFinite what to do with NaN and infinities
     * @param precision says whether the array is kept in float32 or rounded to bfloat16
     * @throws DataFormatException when there is no such tensor, it is not of a weight type (float32, float16,
     *     bfloat16), or it holds non-finite values and they are refused
     */
    public NDArray read(String tensor, NDManager manager, NonFinite nonFinite, Precision precision) {
        TensorInfo info = weight(tensor);
        NDArray array = TensorTransfer.allocate(manager, info.shape(), precision.keepsBfloat16());
        try (TensorTransfer transfer = new TensorTransfer(array)) {
            long bad = 0;
            for (long first = 0; first < info.elements(); first += TensorTransfer.CHUNK) {
                int count = (int) Math.min(TensorTransfer.CHUNK, info.elements() - first);
                bad += readElements(info, first, transfer.chunk(count));
                transfer.upload(first, count);
            }
            refuseNonFinite(info, bad, nonFinite);
            return array;
        } catch (RuntimeException | Error e) {
            array.close();
            throw e;
        }
    }

    /**
     * Reads a tensor's elements, widened to float32 and in row-major order, into a Java array.
     *
     * @throws DataFormatException as {@link #read(String, NDManager, NonFinite)}, and when it has more elements than
     *     one Java array holds
     */
    public float[] readFloats(String tensor, NonFinite nonFinite) {
        TensorInfo info = weight(tensor);
        if (info.elements() > Integer.MAX_VALUE - 8) {
            throw bad("tensor " + quoted(tensor) + " has " + info.elements() + " elements, too many for a Java array");
        }
        float[] values = new float[(int) info.elements()];
        long bad = 0;
        for (int first = 0; first < values.length; first += TensorTransfer.CHUNK) {
            int count = Math.min(TensorTransfer.CHUNK, values.length - first);
            bad += readElements(info, first, FloatBuffer.wrap(values, first, count));
        }
        refuseNonFinite(info, bad, nonFinite);
        return values;
    }

    /** Some elements of a weight, widened to float32; NaN and infinities as they are. */
    float[] readFloats(String tensor, long first, int count) {
        float[] values = new float[count];
        readElements(weight(tensor), first, FloatBuffer.wrap(values));
        return values;
    }

    /** How many of a tensor's values are NaN or infinite. */
    public long countNonFinite(String tensor) {
        TensorInfo info = weight(tensor);
        FloatBuffer chunk = FloatBuffer.allocate((int) Math.min(TensorTransfer.CHUNK, info.elements()));
        long bad = 0;
        for (long first = 0; first < info.elements(); first += chunk.capacity()) {
            int count = (int) Math.min(chunk.capacity(), info.elements() - first);
            bad += readElements(info, first, chunk.clear().limit(count));
        }
        return bad;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private TensorInfo weight(String tensor) {
        TensorInfo info = info(tensor);
        if (!info.dtype().isWeight()) {
            throw bad("tensor " + quoted(tensor) + " is of " + info.dtype()
                    + "; weights are read from F32, F16 and BF16 only");
        }
        return info;
    }

    private void refuseNonFinite(TensorInfo info, long count, NonFinite policy) {
        if (count > 0 && policy == NonFinite.REFUSE) {
            throw bad("tensor " + quoted(info.name()) + " holds " + count + " NaN or infinite values of "
                    + info.elements());
        }
    }

    /** Fills a buffer with the elements from {@code first} on; returns how many of them are not finite. */
    private long readElements(TensorInfo info, long first, FloatBuffer into) {
        int count = into.remaining();
        int width = info.dtype().bits() / Byte.SIZE;
        ByteBuffer bytes = ByteBuffer.allocate(count * width).order(ByteOrder.LITTLE_ENDIAN);
        readFully(channel, bytes, dataStart + info.begin() + first * width, name);
        float[] values = widen(info.dtype(), bytes.flip(), count);
        into.put(values);
        long bad = 0;
        for (float value : values) {
            // False for NaN too.
            bad += Math.abs(value) <= Float.MAX_VALUE ? 0 : 1;
        }
        return bad;
    }

    private static float[] widen(DType dtype, ByteBuffer bytes, int count) {
        float[] values = new float[count];
        if (dtype == DType.F32) {
            bytes.asFloatBuffer().get(values);
            return values;
        }
        short[] halves = new short[count];
        bytes.asShortBuffer().get(halves);
        for (int i = 0; i < count; i++) {
            values[i] = dtype == DType.F16 ? HalfPrecision.f16ToFloat(halves[i]) : HalfPrecision.bf16ToFloat(halves[i]);
        }
        return values;
    }

    private static void readFully(FileChannel channel, ByteBuffer into, long position, String file) {
        try {
            long at = position;
            while (into.hasRemaining()) {
                int read = channel.read(into, at);
                if (read < 0) {
                    throw new DataFormatException(
                            file, 0, "the file ends at byte " + at + ": it shrank while being read");
                }
                at += read;
            }
        } catch (IOException e) {
            throw new DataFormatException(file, 0, "cannot be read: " + e.getMessage(), e);
        }
    }

    private static boolean isJsonSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    private DataFormatException bad(String reason) {
        return new DataFormatException(name, 0, reason);
    }
}
