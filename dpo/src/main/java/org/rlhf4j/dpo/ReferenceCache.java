package org.rlhf4j.dpo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.rlhf4j.base.HomeDirectory;
import org.rlhf4j.base.Sha256;
import org.rlhf4j.base.Storage;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.text.EncodedExample;

/**
 * Keeps reference log-probabilities on disk, one file for each model and list of completions. Its name is the SHA-256 of
 * the model's configuration and weights and of the ids and masks of the completions, so another model or other data never
 * finds it.
 *
 * <p>A file holds a mark, that hash, the values as 64-bit numbers, and the SHA-256 of all this. One that is damaged, or
 * belongs under another name, is computed anew and replaced; a cache that cannot be written is done without. Both are said.
 */
public final class ReferenceCache {
    private static final byte[] MARK = "RLHF4J reference log-probs 1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int HASH_BYTES = 32;

    private final Path directory;
    private final Consumer<String> notes;

    /** Computes the values of completions. */
    @FunctionalInterface
    interface Computation {
        double[] of(List<EncodedExample> examples);
    }

    /**
     * A cache in a directory.
     *
     * @param directory is created when something is stored
     * @param notes is told, in a sentence each, what could not be read or written
     */
    public ReferenceCache(Path directory, Consumer<String> notes) {
        this.directory = directory;
        this.notes = notes;
    }

    /** The cache in {@code ~/.rlhf4j}, or where {@code RLHF4J_HOME} says. */
    public static ReferenceCache ofUser(Consumer<String> notes) {
        return new ReferenceCache(HomeDirectory.path().resolve("reference-log-probs"), notes);
    }

    /** The values of a model's completions, from the file or from the computation. */
    double[] computed(LanguageModel model, List<EncodedExample> examples, Computation computation) {
        byte[] key = key(model, examples);
        Path file = directory.resolve(HexFormat.of().formatHex(key) + ".bin");
        Optional<double[]> stored = read(file, key, examples.size());
        if (stored.isPresent()) {
            return stored.get();
        }
        double[] values = computation.of(examples);
        write(file, key, values);
        return values;
    }

    private static byte[] key(LanguageModel model, List<EncodedExample> examples) {
        MessageDigest digest = Sha256.digest();
        digest.update(MARK);
        digest.update(model.sha256());
        for (EncodedExample example : examples) {
            int[] ids = example.ids();
            boolean[] mask = example.completionMask();
            ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + ids.length * (Integer.BYTES + 1));
            bytes.putInt(ids.length);
            for (int i = 0; i < ids.length; i++) {
                bytes.putInt(ids[i]).put((byte) (mask[i] ? 1 : 0));
            }
            digest.update(bytes.flip());
        }
        return digest.digest();
    }

    private Optional<double[]> read(Path file, byte[] key, int count) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            byte[] content = Files.readAllBytes(file);
            if (Arrays.equals(content, content(key, values(content, count)))) {
                return Optional.of(values(content, count));
            }
            notes.accept(file + " is damaged or not of this model and data; the values are computed anew");
        } catch (IOException e) {
            notes.accept(file + " cannot be read; the values are computed anew: " + e);
        }
        return Optional.empty();
    }

    /** The numbers of a file, whatever they are; zeros where it has another length. */
    private static double[] values(byte[] content, int count) {
        double[] values = new double[count];
        int start = MARK.length + HASH_BYTES;
        if (content.length == start + count * Double.BYTES + HASH_BYTES) {
            ByteBuffer.wrap(content, start, count * Double.BYTES)
                    .asDoubleBuffer()
                    .get(values);
        }
        return values;
    }

    private static byte[] content(byte[] key, double[] values) {
        ByteBuffer content = ByteBuffer.allocate(MARK.length + HASH_BYTES + values.length * Double.BYTES + HASH_BYTES);
        content.put(MARK).put(key);
        for (double value : values) {
            content.putDouble(value);
        }
        MessageDigest digest = Sha256.digest();
        digest.update(content.array(), 0, content.position());
        return content.put(digest.digest()).array();
    }

    private void write(Path file, byte[] key, double[] values) {
        try {
            Storage.disk().createDirectories(directory);
            Storage.disk().writeAtomically(file, content(key, values));
        } catch (IOException e) {
            notes.accept("the reference values are not kept for another run: " + e.getMessage());
        }
    }
}
