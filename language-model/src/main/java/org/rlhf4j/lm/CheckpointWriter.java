package org.rlhf4j.lm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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
        Path absolute = target.toAbsolutePath();
        createParents(storage, absolute);
        Storage.requireSpace(absolute, SafetensorsWriter.bytes(tensors));
        try (DirectoryTransaction directory = begin(storage, absolute)) {
            directory.write(ModelFiles.CONFIG, Json.pretty(config).getBytes(StandardCharsets.UTF_8));
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                directory.write(file.getKey(), file.getValue());
            }
            SafetensorsWriter.writeModel(directory, tensors, SafetensorsWriter.DEFAULT_MAX_SHARD_BYTES);
            directory.commit();
        }
    }

    private static DirectoryTransaction begin(Storage storage, Path target) throws IOException {
        try {
            return storage.beginDirectory(target);
        } catch (DirectoryNotEmptyException e) {
            throw new IOException(target + " holds files already; a model goes into a new or an empty directory", e);
        } catch (NotDirectoryException | FileAlreadyExistsException e) {
            throw new IOException(target + " is a file; a model goes into a new or an empty directory", e);
        }
    }

    private static void createParents(Storage storage, Path target) throws IOException {
        @Nullable Path parent = target.getParent();
        if (parent != null && !Files.exists(parent)) {
            createParents(storage, parent);
            storage.createDirectory(parent);
        }
    }
}
