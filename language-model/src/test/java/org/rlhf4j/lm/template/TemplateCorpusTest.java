package org.rlhf4j.lm.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.Json;

/** Published templates, which are no part of the project, on what Jinja 3.1.6 renders of them. */
@Tag("slow")
class TemplateCorpusTest {
    private static final Path CASES = Path.of("..", "..", "shared", "golden", "templates", "cases.json.gz");

    /** The day on which Jinja rendered the cases. */
    private static final LocalDate DATE = LocalDate.of(2026, 11, 20);

    @Test
    void everyCaseIsRenderedOrRefusedAsJinjaDoes() throws IOException {
        assertThat(CASES).as("the cases").exists();
        JsonNode cases = cases();
        List<String> wrong = new ArrayList<>();
        for (JsonNode one : cases) {
            String difference = difference(one);
            if (!difference.isEmpty()) {
                wrong.add(one.get("id").textValue() + ": " + difference);
            }
        }
        assertThat(cases.size()).isGreaterThanOrEqualTo(334);
        assertThat(wrong).isEmpty();
    }

    private static JsonNode cases() throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        try (InputStream in = new GZIPInputStream(Files.newInputStream(CASES))) {
            in.transferTo(content);
        }
        return Json.mapper().readTree(content.toByteArray());
    }

    private static String difference(JsonNode one) {
        Map<String, Object> data = Json.mapper().convertValue(one.get("data"), new TypeReference<>() {});
        String text;
        try {
            text = Template.parse(one.get("template").textValue())
                    .render(data, DATE)
                    .text();
        } catch (TemplateException e) {
            return one.has("err") && one.get("err").textValue().endsWith(": " + e.reason())
                    ? ""
                    : "said " + e.getMessage() + ", not " + one.path("err") + one.path("out");
        }
        return text.equals(one.path("out").textValue())
                ? ""
                : "gave " + text + ", not " + one.path("err") + one.path("out");
    }
}
