package org.rlhf4j.cli.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rlhf4j.cli.hostile.HostileFiles.pairs;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that are well formed and yet no good to learn from, cases 7, 9, 12 to 16, 18, 19 and 47. */
class HostileTextTest {
    private static final String SFT =
            "sft train --model @model --data @rows.jsonl --out @run --set training.maxSteps=1";
    private static final String REWARD =
            "reward train --model @model --data @rows.jsonl --out @run --set training.maxSteps=1";
    private static final String TURNS =
            "{\"messages\":[{\"role\":\"%s\",\"content\":\"a\"},{\"role\":\"user\",\"content\":\"b\"},"
                    + "{\"role\":\"assistant\",\"content\":\"c\"}]}\n";

    private final HostileFiles files;

    HostileTextTest(@TempDir Path directory) {
        this.files = new HostileFiles(directory);
    }

    @BeforeEach
    void model() {
        files.model("model");
    }

    @Test
    void fewerRowsThanABatchAreABatch() {
        files.write("rows.jsonl", row("p", "c"));
        files.shows("7d", SFT);
        files.write("rows.jsonl", "");
        files.shows("7e", SFT.replace("@run", "@other"));
    }

    @Test
    void whatIsTiedHasALossOrIsLeftOut() {
        files.write("rows.jsonl", "{\"prompt\":\"p\",\"chosen\":\"a\",\"rejected\":\"b\",\"probability\":0.5}\n");
        files.shows("9a", REWARD);
        files.write(
                "rows.jsonl",
                "{\"prompt\":\"p\",\"completions\":[{\"text\":\"a\",\"rank\":1},{\"text\":\"b\",\"rank\":1}]}\n");
        files.shows("9b", REWARD.replace("@run", "@other"));
        files.shows("9c", "data convert --in @rows.jsonl --out @out.jsonl --pairs all");
    }

    @Test
    void blankTextsAreRefused() {
        files.write("rows.jsonl", row("p", "c") + row("p", " \\n"));
        files.shows("12a", SFT);
        files.write("rows.jsonl", row("p", "c") + row("", "c"));
        files.shows("12b", SFT);
        files.write("rows.jsonl", "{\"prompt\":\" \"}\n");
        files.shows(
                "12c",
                "ppo train --model @model --reward org.rlhf4j.cli.ppo.LetterReward --prompts @rows.jsonl --out @run --episodes 4");
    }

    @Test
    void whatIsTooLongIsCutOrLeftOutOnlyByChoice() {
        files.write("rows.jsonl", row("p", "c") + row("x".repeat(600), "c"));
        files.shows("13a", SFT + " --max-length 512");
        files.shows("13b", SFT + " --max-length 512 --on-overlong truncate");
        files.shows("13c", SFT.replace("@run", "@other") + " --max-length 512 --on-overlong drop");
        files.write("rows.jsonl", row("p", "c".repeat(600)));
        files.shows("13d", SFT.replace("@run", "@third") + " --max-length 512 --on-overlong truncate");
        files.write("rows.jsonl", "{\"prompt\":\"" + "x".repeat(600) + "\"}\n");
        files.shows("13e", "generate --model @model --in @rows.jsonl --max-length 512");
    }

    @Test
    void specialTokensInATextAreText() {
        files.write("rows.jsonl", row("a<|eos|>b", "c"));
        files.shows("14a", SFT);
        files.write("rows.jsonl", row("a<|im_end|>b", "c"));
        files.shows("14b", "data check @rows.jsonl");
    }

    @Test
    void promptAndCompletionMeetWhereTheyAreJoined() {
        files.write("rows.jsonl", row("hel", "lo"));
        files.shows("15a", SFT);
    }

    @Test
    void aWordOfAMegabyteIsTooLong() {
        files.write("rows.jsonl", row("p", "c") + row("p", "c".repeat(1 << 20)));
        files.shows("16c", SFT);
    }

    @Test
    void conversationsThatTheTemplateRefusesNameTheirRow() {
        files.write("rows.jsonl", TURNS.formatted("user"));
        files.shows("18a", "data check @rows.jsonl");
        files.shows("18b", SFT);
        files.write("rows.jsonl", TURNS.formatted("narrator"));
        files.shows("18c", SFT + " --chat-format chatml");
        files.write("rows.jsonl", TURNS.formatted("system"));
        files.write(
                "model/chat_template.jinja",
                "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}");
        files.shows("18d", SFT);
    }

    @Test
    void aTemplateReachesNothingAndEnds() {
        files.write("rows.jsonl", TURNS.formatted("user"));
        files.write(
                "model/chat_template.jinja",
                "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}");
        files.shows("19a", SFT);
        files.write("model/chat_template.jinja", "{{ messages.__class__.__mro__ }}");
        files.shows("19b", SFT);
        files.write("model/chat_template.jinja", "{% include '/etc/passwd' %}");
        files.shows("19c", SFT);
        files.write("model/chat_template.jinja", "{{ 'x' * 99999999 }}");
        files.shows("19d", SFT);
    }

    @Test
    void heldOutPromptsThatAreTrainedOnAreCounted() {
        files.write("rows.jsonl", pairs(4));
        files.write("eval.jsonl", pairs(3).replaceFirst("0", "9"));
        files.shows("47a", REWARD + " --eval-data @eval.jsonl");
        files.shows("47b", "data check @rows.jsonl @eval.jsonl");
        files.write("eval.jsonl", row("Question 1?", "good") + row("Question 8?", "good"));
        files.shows("47c", SFT.replace("@run", "@other") + " --eval-data @eval.jsonl");
        files.shows("47d", "data split @rows.jsonl --train @train.jsonl --test @test.jsonl --fraction 0.5");
        assertThat(files.read("train.jsonl")).asString(StandardCharsets.UTF_8).hasLineCount(2);
    }

    private static String row(String prompt, String completion) {
        return "{\"prompt\":\"" + prompt + "\",\"completion\":\"" + completion + "\"}\n";
    }
}
