package org.rlhf4j.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.rlhf4j.base.NearestName;

/**
 * A model's weights: an ordered map from Hugging Face tensor name to array, each trainable or frozen.
 *
 * <p>Owns its arrays: they are attached to a manager of its own, survive every {@link Scope}, and are freed by
 * {@link #close}. Used on the tensor thread.
 */
public final class Parameters implements AutoCloseable {
    private static final int DIGEST_PIECE = 1 << 16;

    private final NDManager manager = Torch.manager().newSubManager();
    private final Map<String, NDArray> arrays = new LinkedHashMap<>();
    private final Set<String> trainable = new LinkedHashSet<>();
    private final Precision precision;
    private long passes;

    /** Makes an empty map of float32 weights. */
    public Parameters() {
        this(Precision.FLOAT32);
    }

    /** Makes an empty map of weights whose layers compute in some precision. */
    public Parameters(Precision precision) {
        this.precision = precision;
        manager.setName("parameters");
    }

    /** What the layers over these weights compute in. */
    public Precision precision() {
        return precision;
    }

    /** The manager that owns the arrays: create weights in it, then {@link #put} them. */
    public NDManager manager() {
        return manager;
    }

    /**
     * Adds a frozen array under a new name and takes ownership of it.
     *
     * @throws IllegalArgumentException if the name is taken
     */
    public void put(String name, NDArray array) {
        Torch.requireTensorThread();
        if (arrays.containsKey(name)) {
            throw new IllegalArgumentException("there is a parameter \"" + name + "\" already");
        }
        NDScope.unregister(array);
        if (array.getManager() != manager) {
            array.attach(manager);
        }
        // A name on the array itself would change how DJL passes it to a scripted operator.
        array.setName(null);
        arrays.put(name, array);
    }

    /**
     * The array of that name.
     *
     * @throws IllegalArgumentException if there is none, naming the nearest
     */
    public NDArray get(String name) {
        NDArray array = arrays.get(name);
        if (array == null) {
            throw new IllegalArgumentException(NearestName.unknown("parameter", name, arrays.keySet()));
        }
        return array;
    }

    /** Whether there is an array of that name. */
    public boolean contains(String name) {
        return arrays.containsKey(name);
    }

    /** All names, in the order of adding. */
    public Set<String> names() {
        return Collections.unmodifiableSet(arrays.keySet());
    }

    /** Names of the trainable arrays, in the order of adding. */
    public List<String> trainableNames() {
        return arrays.keySet().stream().filter(trainable::contains).toList();
    }

    /**
     * Lets an array collect gradients, or freezes it.
     *
     * @throws IllegalArgumentException if a bfloat16 array is to be trained: updates are smaller than what it can hold
     */
    public void setTrainable(String name, boolean value) {
        Torch.requireTensorThread();
        NDArray array = get(name);
        if (value && TorchOps.isBfloat16(array)) {
            throw new IllegalArgumentException("parameter \"" + name
                    + "\" is of bfloat16 and cannot be trained: load the" + " weights with Precision.MIXED");
        }
        array.setRequiresGradient(value);
        if (value) {
            trainable.add(name);
        } else {
            trainable.remove(name);
        }
    }

    /** {@link #setTrainable} for every array. */
    public void setAllTrainable(boolean value) {
        arrays.keySet().forEach(name -> setTrainable(name, value));
    }

    /** How many forward passes of training were counted; what is drawn anew in each pass, such as dropout, depends on it. */
    public long passes() {
        return passes;
    }

    /** Counts a forward pass of training. */
    public void countPass() {
        passes++;
    }

    /** Goes on counting from there. */
    public void restorePasses(long counted) {
        passes = counted;
    }

    /** Number of weights. */
    public long count() {
        return arrays.values().stream().mapToLong(NDArray::size).sum();
    }

    /** Bytes of all weights. */
    public long bytes() {
        return arrays.values().stream()
                .mapToLong(array -> array.size() * array.getDataType().getNumOfBytes())
                .sum();
    }

    /** Number of trainable weights. */
    public long trainableCount() {
        return trainable.stream().mapToLong(name -> get(name).size()).sum();
    }

    /** A frozen copy with its own memory, for a reference model or the best weights so far. */
    public Parameters copy() {
        Torch.requireTensorThread();
        Parameters copy = new Parameters(precision);
        arrays.forEach((name, array) -> copy.put(name, array.duplicate()));
        return copy;
    }

    /** Feeds names, shapes and values, widened to float32, to a hash. */
    public void digestInto(MessageDigest digest) {
        Torch.requireTensorThread();
        float[] values = new float[DIGEST_PIECE];
        ByteBuffer bytes = ByteBuffer.allocate(DIGEST_PIECE * Float.BYTES);
        arrays.forEach((name, array) -> {
            digest.update((name + array.getShape()).getBytes(StandardCharsets.UTF_8));
            for (long from = 0; from < array.size(); from += DIGEST_PIECE) {
                int count = (int) Math.min(DIGEST_PIECE, array.size() - from);
                HostCopy.read(array, from, values, count);
                bytes.asFloatBuffer().put(values, 0, count);
                digest.update(bytes.array(), 0, count * Float.BYTES);
            }
        });
    }

    /**
     * Overwrites every array with the values of the same name in {@code source}.
     *
     * @throws IllegalArgumentException if names, shapes or types differ
     */
    public void copyFrom(Parameters source) {
        Torch.requireTensorThread();
        if (!arrays.keySet().equals(source.arrays.keySet())) {
            throw new IllegalArgumentException("the two sets of parameters have different names");
        }
        arrays.forEach((name, array) -> requireSameKind(name, array, source.get(name)));
        arrays.forEach((name, array) -> TorchOps.copyInto(array, source.get(name)));
    }

    private static void requireSameKind(String name, NDArray target, NDArray source) {
        if (!target.getShape().equals(source.getShape()) || target.getDataType() != source.getDataType()) {
            throw new IllegalArgumentException("parameter \"" + name + "\" is " + target.getShape() + " "
                    + target.getDataType() + " here and " + source.getShape() + " " + source.getDataType() + " there");
        }
    }

    /** Frees the arrays. */
    @Override
    public void close() {
        Torch.run(manager::close);
    }
}
