package org.rlhf4j.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDirectoryTest {
    @TempDir
    private Path root;

    private Path model;

    @BeforeEach
    void create() throws IOException {
        model = Files.createDirectories(root.resolve("model"));
        Files.writeString(root.resolve("secret"), "secret");
    }

    @Test
    void aFileIsReadAndAnAbsentOneIsNot() throws IOException {
        Files.writeString(model.resolve("LICENSE"), "free");
        assertThat(ModelDirectory.read(model, "LICENSE")).asString().isEqualTo("free");
        assertThat(ModelDirectory.read(model, "NOTICE")).isNull();
        Files.createDirectory(model.resolve("NOTICE"));
        assertThat(ModelDirectory.read(model, "NOTICE")).isNull();
    }

    @Test
    void aLinkMayNotLeadOut() throws IOException {
        Files.writeString(model.resolve("a"), "a");
        Files.createSymbolicLink(model.resolve("b"), Path.of("a"));
        assertThat(ModelDirectory.read(model, "b")).asString().isEqualTo("a");
        Files.createSymbolicLink(model.resolve("LICENSE"), Path.of("../secret"));
        assertThatThrownBy(() -> ModelDirectory.read(model, "LICENSE"))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith(model.resolve("LICENSE") + ": is a link to ")
                .hasMessageEndingWith("secret, outside the model's directory");
        Files.createSymbolicLink(model.resolve("NOTICE"), root.resolve("nowhere"));
        assertThatThrownBy(() -> ModelDirectory.read(model, "NOTICE"))
                .hasMessage(model.resolve("NOTICE") + ": is a link that leads nowhere");
    }

    @Test
    void onlyASnapshotOfTheCacheHasContentElsewhere() throws IOException {
        Path blob = Files.createDirectories(root.resolve("x/blobs")).resolve("1");
        Files.writeString(blob, "1");
        for (String place : new String[] {"x/snapshots/c", "x/other/c"}) {
            Path directory = Files.createDirectories(root.resolve(place));
            Files.createSymbolicLink(directory.resolve("f"), Path.of("../../blobs/1"));
            assertThatThrownBy(() -> ModelDirectory.read(directory, "f")).hasMessageContaining("is a link to");
        }
        Path cached = Files.createDirectories(root.resolve("x/models--org--name/snapshots/c"));
        Files.createDirectories(root.resolve("x/models--org--name/blobs"));
        Files.createSymbolicLink(root.resolve("x/models--org--name/blobs/2"), Path.of("../../blobs/1"));
        Files.createSymbolicLink(cached.resolve("f"), Path.of("../../blobs/2"));
        assertThat(ModelDirectory.read(cached, "f")).asString().isEqualTo("1");
    }

    @Test
    void nothingIsAllocatedForAFileThatIsTooLarge() throws IOException {
        try (RandomAccessFile file =
                new RandomAccessFile(model.resolve("tokenizer.json").toFile(), "rw")) {
            file.setLength(3L << 30);
        }
        assertThatThrownBy(() -> ModelDirectory.read(model, "tokenizer.json"))
                .hasMessage(model.resolve("tokenizer.json")
                        + ": has 3221225472 bytes, more than the 268435456 of such a file");
    }
}
