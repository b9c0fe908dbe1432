package org.rlhf4j.core.checkpoint;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rlhf4j.base.ExactNumbers;
import org.rlhf4j.base.Json;
import org.rlhf4j.core.safetensors.DType;
import org.rlhf4j.core.safetensors.SafetensorsWriter;
import org.rlhf4j.core.safetensors.TensorSource;

/**
 * Collects the state of a run: numbers and texts under names, arrays under names in files, and parts within parts. Numbers
 * keep every bit; NaN and the infinities, which JSON lacks, become texts.
 */
public final class StateWriter {
    private final ObjectNode values;
    private final String prefix;
    private final Map<String, List<TensorSource>> files;

    /** An empty state. */
    public StateWriter() {
        this(Json.object(), "", new LinkedHashMap<>());
    }

    private StateWriter(ObjectNode values, String prefix, Map<String, List<TensorSource>> files) {
        this.values = values;
        this.prefix = prefix;
        this.files = files;
    }

    /** Keeps an integer. */
    public StateWriter put(String name, long value) {
        values.put(name, value);
        return this;
    }

    /** Keeps a number. */
    public StateWriter put(String name, double value) {
        values.set(name, ExactNumbers.node(value));
        return this;
    }

    /** Keeps a truth value. */
    public StateWriter put(String name, boolean value) {
        values.put(name, value);
        return this;
    }

    /** Keeps a text. */
    public StateWriter put(String name, String value) {
        values.put(name, value);
        return this;
    }

    /** Keeps figures in their order. */
    public StateWriter put(String name, Map<String, Double> figures) {
        ObjectNode node = values.putObject(name);
        figures.forEach((key, value) -> node.set(key, ExactNumbers.node(value)));
        return this;
    }

    /** Keeps a JSON object. */
    public StateWriter put(String name, ObjectNode value) {
        values.set(name, value);
        return this;
    }

    /** The state of a part, which starts empty; files of its arrays bear its name in front of theirs. */
    public StateWriter within(String name) {
        return new StateWriter(values.putObject(name), prefix + name + "-", files);
    }

    /** Keeps the state of a part under its name. */
    public StateWriter part(String name, Resumable part) {
        part.saveTo(within(name));
        return this;
    }

    /**
     * Keeps float32 arrays in a file of their own.
     *
     * @param file its name without an ending; within a part, the part's name stands before it
     * @param arrays of any shape; they stay open and unchanged until the checkpoint is written
     */
    public StateWriter tensors(String file, Map<String, NDArray> arrays) {
        List<TensorSource> sources = new ArrayList<>();
        arrays.forEach((name, array) -> sources.add(TensorSource.of(name, array, DType.F32)));
        if (files.putIfAbsent(prefix + file + StateReader.TENSORS, sources) != null) {
            throw new IllegalArgumentException("two parts of a state write " + prefix + file);
        }
        return this;
    }

    /** Bytes that the arrays take. */
    public long bytes() {
        return files.values().stream().mapToLong(SafetensorsWriter::bytes).sum();
    }

    ObjectNode values() {
        return values;
    }

    Map<String, List<TensorSource>> files() {
        return files;
    }
}
