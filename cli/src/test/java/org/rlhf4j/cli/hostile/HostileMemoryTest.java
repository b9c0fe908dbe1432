package org.rlhf4j.cli.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.cli.FailureLines;
import org.rlhf4j.core.tensor.Torch;

/** Memory that is used up, case 42. */
class HostileMemoryTest {
    private final HostileFiles files;
    private final Path directory;

    HostileMemoryTest(@TempDir Path directory) {
        this.files = new HostileFiles(directory);
        this.directory = directory;
    }

    @AfterEach
    void forget() {
        System.clearProperty("rlhf4j.memory");
    }

    @Test
    void aRunThatWillNotFitIsRefusedBeforeItBegins() {
        files.model("model");
        files.write("rows.jsonl", "{\"prompt\":\"p\",\"completion\":\"" + "c".repeat(500) + "\"}\n");
        System.setProperty("rlhf4j.memory", "256M");
        files.shows(
                "42a",
                "sft train --model @model --data @rows.jsonl --out @run",
                text -> text.replaceAll("[0-9]+\\.[0-9]{2}", "N"));
        assertThat(directory.resolve("run")).doesNotExist();
    }

    @Test
    void memoryThatIsUsedUpIsOneLineWithAWayOut() {
        HostileCase.of("42b")
                .isShownBy(FailureLines.of("rlhf sft train", new OutOfMemoryError("Java heap space")), directory);
        Throwable engine = catchThrowable(
                () -> Torch.run(() -> Torch.manager().zeros(new Shape(1L << 45)).close()));
        HostileCase.of("42c").isShownBy(FailureLines.of("rlhf sft train", engine), directory);
        Throwable gpu = new ai.djl.engine.EngineException(
                "CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 139.00 GiB");
        HostileCase.of("42d").isShownBy(FailureLines.of("rlhf sft train", gpu), directory);
    }
}
