package org.rlhf4j.lm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.rlhf4j.base.DirectoryTransaction;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.safetensors.SafetensorsWriter;
import org.rlhf4j.core.safetensors.TensorSource;

/** Writes a model directory that appears complete or not at all. */
final class CheckpointWriter {
    private CheckpointWriter() {}

    static void write(
            Storage storage, Path target, ObjectNode config, Map<String, byte[]> files, List<TensorSource> tensors)
            throws IOException {
        Storage.requireSpace(target, SafetensorsWriter.bytes(tensors));
        try (DirectoryTransaction directory = storage.beginDirectory(target)) {
            directory.write(ModelFiles.CONFIG, Json.pretty(config).getBytes(StandardCharsets.UTF_8));
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                directory.write(file.getKey(), file.getValue());
            }
            SafetensorsWriter.writeModel(directory, tensors, SafetensorsWriter.DEFAULT_MAX_SHARD_BYTES);
            directory.commit();
        }
    }
}
