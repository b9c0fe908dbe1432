package org.rlhf4j.core.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.DataFormatException;

/** Headers as large as the format allows neither exhaust memory nor take long. */
@Tag("slow")
final class LargeHeaderTest {
    private final Path file;

    LargeHeaderTest(@TempDir Path directory) {
        this.file = directory.resolve("model.safetensors");
    }

    @Test
    void aMillionTensorsAreReadInSecondsAndOneMoreIsRefused() {
        write(HeaderParser.MAX_TENSORS);
        Assertions.assertTimeout(Duration.ofSeconds(60), () -> {
            try (SafetensorsFile opened = SafetensorsFile.open(file)) {
                assertThat(opened.tensors()).hasSize(HeaderParser.MAX_TENSORS);
                assertThatThrownBy(() -> opened.info("layer.99x"))
                        .isInstanceOf(DataFormatException.class)
                        .hasMessageContaining("the nearest is");
            }
        });
        write(HeaderParser.MAX_TENSORS + 1);
        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("more than 1000000 tensors");
    }

    private void write(int tensors) {
        StringBuilder header = new StringBuilder(64 * tensors).append('{');
        for (int i = 0; i < tensors; i++) {
            header.append(i == 0 ? "" : ",")
                    .append("\"layer.")
                    .append(i)
                    .append("\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}");
        }
        SafetensorsBytes.write(file, SafetensorsBytes.file(header.append('}').toString(), new byte[0]));
    }
}
