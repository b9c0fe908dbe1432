package org.rlhf4j.cli.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.Json;
import org.rlhf4j.cli.CommandRun;
import org.rlhf4j.preference.Rule;

/** The list of rules, in the command, in the documents and in force. */
class DataRulesTest {
    private static final Path DOCS =
            Path.of(System.getProperty("rlhf4j.root", "..")).resolve("docs");
    private static final String SPELLED = "{\"prompt\":\"p\",\"chosen\":\"a </s>\",\"rejected\":\"b\"}\n";

    @Test
    void theListOfTheDocumentsIsWhatTheCommandPrints() throws IOException {
        JsonNode printed = CommandRun.of("data", "rules", "--json").json();
        assertThat(Json.parse(Files.readString(DOCS.resolve("data-rules.json"))))
                .isEqualTo(printed);
        assertThat(printed.path("rules")).hasSize(Rule.values().length);
        JsonNode first = printed.path("rules").get(0);
        assertThat(first.path("id").asText()).isEqualTo("malformed-json");
        assertThat(first.path("severity").asText()).isEqualTo("error");
        assertThat(first.path("meaning").asText()).isEqualTo("the line is not one JSON object");
        assertThat(first.path("advice").asText()).startsWith("write each row with a JSON library");
    }

    @Test
    void theTableOfTheDocumentsHasEveryRuleWithItsSeverity() throws IOException {
        Pattern row =
                Pattern.compile("^\\| ((?:`[a-z0-9-]+`(?:, )?)+) \\| (error|warning|note) \\|.*", Pattern.MULTILINE);
        Matcher rows = row.matcher(Files.readString(DOCS.resolve("preference-data.md")));
        List<String> documented = new ArrayList<>();
        while (rows.find()) {
            for (String id : rows.group(1).split(", ", -1)) {
                documented.add(id.replace("`", "") + " " + rows.group(2));
            }
        }
        assertThat(documented)
                .containsExactlyInAnyOrderElementsOf(Stream.of(Rule.values())
                        .map(rule -> rule.id() + " " + rule.severity().label())
                        .toList());
    }

    @Test
    void peopleGetTheMeaningAndWhatToDo() {
        assertThat(CommandRun.of("data", "rules").out().lines())
                .hasSize(2 * Rule.values().length)
                .contains("error   no-rows                the file holds no rows")
                .anySatisfy(line -> assertThat(line).endsWith("  -> leave the file out, or make it again"));
    }

    @Test
    void aSeverityCanBeChanged() {
        assertThat(CommandRun.withInput(SPELLED, "data", "check", "-").code()).isZero();
        CommandRun refused = CommandRun.withInput(SPELLED, "data", "check", "-", "--rule", "special-token=error");
        assertThat(refused.code()).isEqualTo(3);
        assertThat(refused.out()).contains("\nerror   special-token ").endsWith("\nrefused: 1 error, 0 warnings\n");
        assertThat(refused.err())
                .isEqualTo("rlhf data check: 1 error in 1 row; correct the rows; only --rule makes an error of this, so"
                        + " rlhf data convert --drop-invalid keeps them\n");
        CommandRun off = CommandRun.withInput(SPELLED, "data", "check", "-", "--rule", "special-token=off");
        assertThat(off.out()).doesNotContain("special-token").endsWith("\naccepted: 0 errors, 0 warnings\n");
        CommandRun lenient =
                CommandRun.withInput(SPELLED + "{\n", "data", "check", "-", "--rule", "malformed-json=note", "--json");
        assertThat(lenient.code()).isZero();
        assertThat(lenient.out()).contains("\naccepted: 0 errors, 1 warning, 1 note\n");
        assertThat(lenient.json().path("notes").asInt()).isEqualTo(1);
        assertThat(lenient.json().path("problems").get(1).path("severity").asText())
                .isEqualTo("note");
    }

    @Test
    void anUnknownRuleOrSeverityIsRefused() {
        CommandRun rule = CommandRun.withInput(SPELLED, "data", "check", "-", "--rule", "special-tokens=off");
        assertThat(rule.code()).isEqualTo(2);
        assertThat(rule.err()).contains("--rule: unknown rule \"special-tokens\", did you mean \"special-token\"?");
        CommandRun severity = CommandRun.withInput(SPELLED, "data", "check", "-", "--rule", "special-token=warn");
        assertThat(severity.code()).isEqualTo(2);
        assertThat(severity.err())
                .contains("--rule: unknown severity \"warn\"")
                .contains("(known: off, error, warning, note)");
    }

    @Test
    void aProblemHasItsExcerptInJson() {
        JsonNode report =
                CommandRun.withInput(SPELLED, "data", "check", "-", "--json").json();
        JsonNode problem = report.path("problems").get(0);
        assertThat(problem.path("examples").get(0).path("place").asText()).isEqualTo("standard input:1");
        assertThat(problem.path("examples").get(0).path("detail").asText()).isEqualTo("chosen spells \"</s>\"");
        assertThat(problem.path("examples").get(0).path("excerpt").asText()).isEqualTo(SPELLED.strip());
        assertThat(problem.path("advice").asText()).isEqualTo(Rule.SPECIAL_TOKEN.advice());
        JsonNode file = report.path("files").get(0);
        assertThat(file.path("container").asText()).isEqualTo("JSON Lines");
        assertThat(file.path("format").asText()).isEqualTo("pairs");
        assertThat(file.path("evidence").asText()).contains("\"chosen\"");
        assertThat(file.path("rows").asInt()).isEqualTo(1);
    }
}
