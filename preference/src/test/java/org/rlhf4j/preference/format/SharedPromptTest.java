package org.rlhf4j.preference.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.Problem;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.testing.Golden;
import org.rlhf4j.testing.Property;

class SharedPromptTest {
    private static final String GOLDEN = "preference/trl_prompts";

    @ParameterizedTest
    @CsvSource(ignoreLeadingAndTrailingWhitespace = false, delimiter = '|', textBlock = """
            Q: 2+2? A: four|Q: 2+2? A: five|Q: 2+2? A:
            Q: 2+2? A: four|Q: 2+2? A: four|Q: 2+2? A:
            Q: yes|Q: yes and no|Q:
            Q: yes |Q: yes and|Q:
            one  two|one  three|one\s
            one\ttwo|one\tthree|one\t
            a b c|a b d|a b
            """)
    void textIsCutBetweenWords(String chosen, String rejected, String prompt) {
        int end = SharedPrompt.end(unescape(chosen), unescape(rejected)).orElseThrow();
        assertThat(unescape(chosen).substring(0, end)).isEqualTo(unescape(prompt));
    }

    @Test
    void aTurnMarkerIsBetterThanALaterSpace() {
        String chosen = "<|im_start|>user\nTea?<|im_end|>\n<|im_start|>assistant\nI like tea.";
        String rejected = "<|im_start|>user\nTea?<|im_end|>\n<|im_start|>assistant\nI like coffee.";
        int end = SharedPrompt.end(chosen, rejected).orElseThrow();
        assertThat(chosen.substring(end)).isEqualTo("I like tea.");
        assertThat(rejected.substring(end)).isEqualTo("I like coffee.");
    }

    @Test
    void theLastOfSeveralMarkersEndsThePrompt() {
        String opening = "\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant:";
        assertThat(SharedPrompt.end(opening + " d e", opening + " d f").orElseThrow())
                .isEqualTo(opening.length());
    }

    @Test
    void aMarkerAcrossTheEndOfTheCommonPrefixIsNotShared() {
        // The common prefix ends within "\n\nAssistant:" of chosen.
        assertThat(SharedPrompt.endOfDialogue("\n\nHuman: a\n\nAssistant: b", "\n\nHuman: a\n\nAssist"))
                .isEmpty();
    }

    @Test
    void cutsAgreeWithTrlWhereTrlCutsBetweenMessagesOrWords() {
        for (String group : new String[] {"conversations", "words"}) {
            for (JsonNode item : Golden.cases(GOLDEN, group)) {
                PreferencePair pair = (PreferencePair) parse(item).rows().get(0);
                assertThat(pair)
                        .as(item.path("name").asText())
                        .isEqualTo(PreferencePair.of(
                                content(item, "prompt"), content(item, "chosen"), content(item, "rejected")));
            }
        }
    }

    @Test
    void cutsNeverFallWithinWordsWhereTrlsDo() {
        for (JsonNode item : Golden.cases(GOLDEN, "within_words")) {
            ParsedRow parsed = parse(item);
            switch (item.path("name").asText()) {
                case "shared_letter" ->
                    assertThat(parsed.rows()).containsExactly(PreferencePair.of("Q: 2+2? A:", " four", " five"));
                case "identical" ->
                    assertThat(parsed.problems()).extracting(Problem::rule).containsExactly(Rule.SAME_COMPLETIONS);
                case "nothing_shared" ->
                    assertThat(parsed.problems()).extracting(Problem::rule).containsExactly(Rule.NO_SHARED_PROMPT);
                default -> throw new AssertionError("no expectation for " + item);
            }
        }
    }

    @Test
    void promptAndCompletionsMakeTheWholeAgain() {
        record Texts(String shared, String chosen, String rejected) {}
        Property.forAll(500, draws -> new Texts(draws.text(8), draws.text(6), draws.text(6)), texts -> {
            String chosen = texts.shared() + texts.chosen();
            String rejected = texts.shared() + texts.rejected();
            SharedPrompt.end(chosen, rejected).ifPresent(end -> {
                assertThat(rejected).startsWith(chosen.substring(0, end));
                assertThat(chosen.substring(0, end)).isNotBlank();
                assertThat(chosen.substring(end)).isNotBlank();
                assertThat(rejected.substring(end)).isNotBlank();
                // Never between the halves of a character.
                assertThat(Character.isLowSurrogate(chosen.charAt(end))).isFalse();
            });
        });
    }

    private static ParsedRow parse(JsonNode item) {
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        row.set("chosen", item.get("chosen"));
        row.set("rejected", item.get("rejected"));
        return RowFormat.named("implicit-pairs").parse(row);
    }

    private static Content content(JsonNode item, String field) {
        return Content.fromJson(item.path("trl").path(field), field);
    }

    private static String unescape(String text) {
        return text.replace("\\t", "\t");
    }
}
