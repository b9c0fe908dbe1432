package org.rlhf4j.core.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.core.safetensors.SafetensorsFile.NonFinite;

/** Conforming and hostile files with the answers of the reference reader, and ours where it is stricter. */
final class SafetensorsCasesTest {
    private static final String CASES = "/golden/safetensors/cases.json";

    private final Path directory;

    SafetensorsCasesTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @TestFactory
    Stream<DynamicTest> everyCaseGetsTheStrictAnswer() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode golden : cases()) {
            tests.add(DynamicTest.dynamicTest(golden.get("name").asText(), () -> check(golden)));
        }
        return tests.stream();
    }

    @Test
    void allCasesWereRead() throws IOException {
        assertThat(cases()).hasSizeGreaterThanOrEqualTo(91);
    }

    private static JsonNode cases() throws IOException {
        try (InputStream in = SafetensorsCasesTest.class.getResourceAsStream(CASES)) {
            return new ObjectMapper().readTree(in).get("cases");
        }
    }

    private void check(JsonNode golden) {
        Path file = SafetensorsBytes.write(
                directory.resolve("case.safetensors"),
                Base64.getDecoder().decode(golden.get("file").asText()));
        if (golden.get("ours").asText().equals("reject")) {
            assertThatThrownBy(() -> SafetensorsFile.open(file))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageStartingWith(file + ": ")
                    .message()
                    .hasLineCount(1)
                    .hasSizeLessThan(1000);
            return;
        }
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            JsonNode tensors = golden.get("tensors");
            assertThat(opened.tensors()).hasSize(tensors.size());
            for (JsonNode tensor : tensors) {
                checkTensor(opened, tensor, golden.get("ours").asText().equals("refuse tensor"));
            }
        }
    }

    private static void checkTensor(SafetensorsFile opened, JsonNode tensor, boolean refused) {
        String name = tensor.get("name").asText();
        TensorInfo info = opened.info(name);
        assertThat(info.dtype().name()).isEqualTo(tensor.get("dtype").asText());
        assertThat(info.shape().dimension()).isEqualTo(tensor.get("shape").size());
        for (int i = 0; i < info.shape().dimension(); i++) {
            assertThat(info.shape().get(i)).isEqualTo(tensor.get("shape").get(i).asLong());
        }
        if (refused) {
            assertThatThrownBy(() -> opened.readFloats(name, NonFinite.ALLOW))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining('"' + name + '"')
                    .hasMessageContaining(info.dtype().name());
            return;
        }
        float[] values = opened.readFloats(name, NonFinite.ALLOW);
        JsonNode expected = tensor.get("values");
        assertThat(values).hasSize(expected.size());
        for (int i = 0; i < values.length; i++) {
            // Non-finite values stand as strings: JSON has no number for them. As objects, NaN equals NaN.
            assertThat(Float.valueOf(values[i]))
                    .isEqualTo(Float.valueOf(
                            expected.get(i).asText().replace("inf", "Infinity").replace("nan", "NaN")));
        }
    }
}
