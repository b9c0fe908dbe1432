package org.rlhf4j.lm.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rlhf4j.testing.Golden;

/** The language, on what transformers' own Jinja gives: see {@code testing/golden/templates.py}. */
class TemplateTest {
    /** Errors whose words come from the template or name what is not there: they are the same here. */
    private static final List<String> SAME_WORDS = List.of("TemplateError", "UndefinedError");

    private static final JsonNode GOLDEN = Golden.json("template/features");
    private static final LocalDate DATE = LocalDate.parse(GOLDEN.get("date").textValue());
    private static final Map<String, Object> VARIABLES =
            new ObjectMapper().convertValue(GOLDEN.get("variables"), new TypeReference<>() {});

    @Test
    void everyPartOfTheLanguageGivesWhatJinjaGives() {
        List<String> wrong = new ArrayList<>();
        List<JsonNode> cases = Golden.cases("template/features", "cases");
        for (JsonNode one : cases) {
            String given = outcome(one);
            String expected = one.has("error") ? refusal(one) : one.get("text") + " " + one.path("spans");
            if (!given.equals(expected)) {
                wrong.add(one.get("template") + " gave " + given + ", not " + expected);
            }
        }
        assertThat(cases).hasSizeGreaterThan(500);
        assertThat(wrong).isEmpty();
    }

    /** What Python 3.12 gives. */
    @Test
    void textsAreChangedAndClassedAsPythonDoes() {
        Map<String, String> expected = Map.of(
                "'\u00b2'.isdigit()", "True",
                "'\u00b2'.isalnum()", "True",
                "'\u00b2'.isdecimal()", "False",
                "'\u4e00'.isnumeric()", "True",
                "'\ufb01x'.capitalize()", "Fix",
                "'\u00dfA'|title", "Ssa",
                "'STRASSE \u1e9e'|lower", "strasse \u00df",
                "'\u039f\u03a3 \u03a3\u039f'|lower", "\u03bf\u03c2 \u03c3\u03bf",
                "'\u0130'|lower|length", "2");
        expected.forEach((expression, value) -> assertThat(Template.parse("{{ " + expression + " }}")
                        .render(Map.of(), DATE)
                        .text())
                .as(expression)
                .isEqualTo(value));
    }

    private static String refusal(JsonNode one) {
        return SAME_WORDS.contains(one.get("error").textValue())
                ? "error: " + one.get("message").textValue()
                : "error";
    }

    private static String outcome(JsonNode one) {
        try {
            Rendering rendering =
                    Template.parse(one.get("template").textValue()).render(VARIABLES, DATE);
            String text = rendering.text();
            List<List<Integer>> spans = rendering.generations().stream()
                    .map(span -> List.of(text.codePointCount(0, span.start()), text.codePointCount(0, span.end())))
                    .toList();
            ObjectMapper mapper = new ObjectMapper();
            return mapper.valueToTree(text) + " " + (spans.isEmpty() ? "" : mapper.valueToTree(spans));
        } catch (TemplateException e) {
            assertThat(e.line()).as("the line of %s", e.reason()).isPositive();
            return SAME_WORDS.contains(one.path("error").asText()) ? "error: " + e.reason() : "error";
        }
    }
}
