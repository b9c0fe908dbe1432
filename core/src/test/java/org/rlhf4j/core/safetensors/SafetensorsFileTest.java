package org.rlhf4j.core.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rlhf4j.core.safetensors.SafetensorsBytes.file;
import static org.rlhf4j.core.safetensors.SafetensorsBytes.floats;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.core.safetensors.SafetensorsFile.NonFinite;

final class SafetensorsFileTest {
    private static final String TWO = "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"model.norm.weight\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"score.weight\":{\"dtype\":\"F32\",\"shape\":[1,3],\"data_offsets\":[8,20]}}";

    private final Path directory;

    SafetensorsFileTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void listsNamesShapesTypesAndMetadata() {
        try (SafetensorsFile opened = open(file(TWO, floats(1, 2, 3, 4, 5)))) {
            assertThat(opened.tensors())
                    .extracting(TensorInfo::name)
                    .containsExactly("model.norm.weight", "score.weight");
            assertThat(opened.info("score.weight").shape().getShape()).containsExactly(1, 3);
            assertThat(opened.info("score.weight").bytes()).isEqualTo(12);
            assertThat(opened.metadata()).isEqualTo(Map.of("format", "pt"));
            assertThat(opened.readFloats("score.weight", NonFinite.REFUSE)).containsExactly(3, 4, 5);
        }
    }

    @Test
    void anUnknownTensorNamesTheNearestOne() {
        try (SafetensorsFile opened = open(file(TWO, floats(1, 2, 3, 4, 5)))) {
            assertThatThrownBy(() -> opened.info("scores.weight"))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageEndingWith(
                            "there is no tensor \"scores.weight\" among its 2; the nearest is \"score.weight\"");
        }
    }

    @Test
    void nonFiniteValuesAreRefusedWithTensorAndCountUnlessAllowed() {
        byte[] bytes = file(TWO, floats(1, 2, Float.NaN, 4, Float.NEGATIVE_INFINITY));
        try (SafetensorsFile opened = open(bytes)) {
            assertThatThrownBy(() -> opened.readFloats("score.weight", NonFinite.REFUSE))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageEndingWith("tensor \"score.weight\" holds 2 NaN or infinite values of 3");
            assertThat(opened.countNonFinite("score.weight")).isEqualTo(2);
            assertThat(opened.countNonFinite("model.norm.weight")).isZero();
            assertThat(opened.readFloats("score.weight", NonFinite.ALLOW))
                    .containsExactly(Float.NaN, 4, Float.NEGATIVE_INFINITY);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PK\u0003\u0004 and so on and on | zip archive",
                "version https://git-lfs.github.com/spec/v1 | Git LFS pointer",
                "GGUF\u0003 and so on and on | GGUF",
                "<!DOCTYPE html><html> | HTML",
                "\u0080\u0002}q\u0000(X\u0005\u0000\u0000\u0000 | pickle",
            })
    void otherFormatsAreRefusedByName(String start, String named) {
        byte[] bytes = start.getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> open(bytes))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining(named)
                .hasMessageContaining("not a safetensors file");
    }

    @Test
    void aHeaderLengthThatLooksLikeAPickleIsStillALength() {
        // 0x0280 = 640 bytes of header: the first two bytes are those of a pickle of protocol 2.
        String header = TWO + " ".repeat(0x280 - TWO.length());
        try (SafetensorsFile opened = open(file(header, floats(1, 2, 3, 4, 5)))) {
            assertThat(opened.tensors()).hasSize(2);
        }
    }

    @Test
    void absentFilesAndDirectoriesAreNamed() {
        Path absent = directory.resolve("absent.safetensors");
        assertThatThrownBy(() -> SafetensorsFile.open(absent))
                .isInstanceOf(DataFormatException.class)
                .hasMessage(absent + ": there is no such file");
        assertThatThrownBy(() -> SafetensorsFile.open(directory))
                .isInstanceOf(DataFormatException.class)
                .hasMessageEndingWith("not a regular file");
    }

    @Test
    void aFileThatShrinksWhileOpenIsReported() throws IOException {
        Path path = SafetensorsBytes.write(directory.resolve("a"), file(TWO, floats(1, 2, 3, 4, 5)));
        try (SafetensorsFile opened = SafetensorsFile.open(path)) {
            byte[] bytes = Files.readAllBytes(path);
            Files.write(path, Arrays.copyOf(bytes, bytes.length - 4));
            assertThatThrownBy(() -> opened.readFloats("score.weight", NonFinite.ALLOW))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining("shrank while being read");
        }
    }

    @Test
    void hostileNamesStayOnOneLineOfTheMessage() {
        String header =
                "{\"a\\n\\u001b[31m" + "x".repeat(900) + "\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,9]}}";
        assertThatThrownBy(() -> open(file(header, new byte[9])))
                .isInstanceOf(DataFormatException.class)
                .message()
                .hasLineCount(1)
                .hasSizeLessThan(600)
                .contains("\\n\\u001B[31m")
                .doesNotContain("\u001b");
    }

    private SafetensorsFile open(byte[] bytes) {
        return SafetensorsFile.open(SafetensorsBytes.write(directory.resolve("model.safetensors"), bytes));
    }
}
