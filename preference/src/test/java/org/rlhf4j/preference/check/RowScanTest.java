package org.rlhf4j.preference.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.preference.Samples;
import org.rlhf4j.preference.read.ReadOptions;

/** Rules about what valid rows say: what each counts, and what looks like it and does not count. */
class RowScanTest {
    private static final String ASSISTANT = "{'role':'assistant','content':'Fine.'}";
    private static final String USER = "{'role':'user','content':'How are you?'}";

    private final Path directory;

    RowScanTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<|im_end|>",
                "<|eot_id|>",
                "<|endoftext|>",
                "<\uFF5CUser\uFF5C>",
                "<\uFF5Cend\u2581of\u2581sentence\uFF5C>",
                "</s>",
                "[INST]",
                "[/INST]",
                "<<SYS>>",
                "<end_of_turn>"
            })
    void specialTokensAreNamed(String token) {
        assertThat(found("a " + token + " b")).containsExactly("special-token: chosen spells \"" + token + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"<|>", "a <| b |> c", "x < y || z > w", "[INSTALL]", "<strong>", "<<EOF", "<|", "<|a", "["})
    void whatOnlyLooksLikeASpecialTokenIsNot(String text) {
        assertThat(found(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "caf\u00C3\u00A9",
                "It\u00E2\u20AC\u2122s",
                "20\u00C2\u00B0 C",
                "a\u00C2\u00A0b",
                "co\u00C3\u00BBt et go\u00C3\u00BBt",
                "\u00C3\u201Cscar",
                "\u00EF\u00BB\u00BFstart",
                "\u00F0\u0178\u02DC\u20AC",
                "\u00D0\u00BF\u00D1\u20AC\u00D0\u00B8",
                "\u00E6\u2014\u00A5\u00E6\u0153\u00AC"
            })
    void utf8ReadAsWindows1252IsFound(String text) {
        assertThat(found(text)).singleElement().asString().startsWith("mojibake: chosen has \"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u201EWas f\u00FCr ein Spa\u00DF\u201C, sagt er",
                "\u00ABCAF\u00C9\u00BB",
                "MA\u00C7\u00C3\u201D e",
                "N\u00C3O, S\u00C3O PAULO",
                "\u00C2ge, ch\u00E2teau, na\u00EFve, \u00E0 la carte",
                "\u00F0is \u00E6r",
                "\u041F\u0440\u0438\u0432\u0435\u0442, \u65E5\u672C",
                "5 \u00B5m \u00B1 2 \u00B0C \u00D7 3",
                "\u201Csmart\u201D \u2013 quotes\u2026"
            })
    void lettersThatAreMeantAreNot(String text) {
        assertThat(found(text)).isEmpty();
    }

    @Test
    void mojibakeSaysWhatItWas() {
        assertThat(found("It\u00E2\u20AC\u2122s"))
                .containsExactly("mojibake: chosen has \"\u00E2\u20AC\u2122\", once \"\u2019\"");
    }

    @Test
    void charactersThatNobodySeesAreNamed() {
        assertThat(found("a\\u0000b")).containsExactly("control-character: chosen has U+0000");
        assertThat(found("a\\u001b[1mb")).containsExactly("control-character: chosen has U+001B");
        assertThat(found("a\\u0085b")).containsExactly("control-character: chosen has U+0085");
        assertThat(found("ab\uFFFD")).containsExactly("replacement-character: chosen has U+FFFD at character 3");
        assertThat(found("a\\tb\\r\\nc\\n")).isEmpty();
    }

    @Test
    void entitiesAreANoteThatRefusesNothing() {
        assertThat(found("Tom &amp; Jerry")).containsExactly("html-entity: chosen has the HTML entity \"&amp;\"");
        assertThat(found("it&#39;s &#x27;")).containsExactly("html-entity: chosen has the HTML entity \"&#39;\"");
        assertThat(found("AT&T; a & b; &copy &nothing; &#;")).isEmpty();
        assertThat(Rule.HTML_ENTITY.severity()).isEqualTo(Rule.Severity.NOTE);
    }

    @Test
    void aRuleCountsARowOnce() {
        CheckReport report = check("{'prompt':'a </s> </s>','chosen':'b </s>','rejected':'</s>'}");
        assertThat(summary(report)).containsExactly("special-token: prompt spells \"</s>\"");
        assertThat(report.findings().get(0).count()).isEqualTo(1);
    }

    @Test
    void aCompletionThatBeginsWithThePromptIsFound() {
        String prompt = "Name a tree that keeps its leaves.";
        assertThat(summary(check(
                        "{'prompt':'" + prompt + " ','chosen':'\\n" + prompt + " A fir.','rejected':'Not an oak.'}")))
                .containsExactly("prompt-in-completion: chosen begins with the whole prompt");
        // A short prompt may come again by chance, and a repetition further on is an answer's own.
        assertThat(summary(check("{'prompt':'Yes','chosen':'Yes, sir.','rejected':'No.'}")))
                .isEmpty();
        assertThat(summary(check(
                        "{'prompt':'" + prompt + "','chosen':'You said: " + prompt + "','rejected':'Not an oak.'}")))
                .isEmpty();
        assertThat(summary(check("{'prompt':[" + USER + "],'chosen':[" + USER + "," + ASSISTANT + "],'rejected':["
                        + ASSISTANT + "]}")))
                .contains("prompt-in-completion: chosen begins with the whole prompt");
    }

    @Test
    void completionsThatDifferOnlyInWhiteSpaceAreFound() {
        String what = "differ in nothing but white space";
        assertThat(found("x y\\n")).isEmpty();
        assertThat(summary(check("{'prompt':'p','chosen':'a b','rejected':' a\\u00a0b\\n'}")))
                .containsExactly("only-white-space: chosen and rejected " + what);
        assertThat(summary(check("{'prompt':'p','chosen':'a b','rejected':'a b c'}")))
                .isEmpty();
        assertThat(summary(check("{'prompt':'p','chosen':'a b c','rejected':'a b'}")))
                .isEmpty();
        assertThat(summary(check("{'prompt':'p','completions':[{'text':'a b','rank':1},{'text':'c','rank':2},"
                        + "{'text':'ab','rank':3}]}")))
                .containsExactly("only-white-space: completions[0] and completions[2] " + what);
    }

    @Test
    void theOrderOfSpeakersIsHeldAgainstWhatTemplatesTake() {
        assertThat(roles("system user", "assistant")).isEmpty();
        assertThat(roles("developer system user assistant tool tool", "assistant"))
                .isEmpty();
        assertThat(roles("user assistant user", "assistant user assistant")).isEmpty();
        assertThat(roles("user system", "assistant"))
                .containsExactly("role-order: prompt[1] is a turn of the system behind others");
        assertThat(roles("user user", "assistant"))
                .containsExactly("role-order: prompt[1] is a second turn of the user in a row");
        assertThat(roles("user assistant", "assistant"))
                .containsExactly("role-order: prompt ends with a turn of the assistant");
        assertThat(roles("system user", "user assistant"))
                .containsExactly("role-order: chosen begins with a turn of the user");
        assertThat(roles("user", "assistant assistant"))
                .containsExactly("role-order: chosen[1] is a second turn of the assistant in a row");
        // What is not known cannot be in the wrong order.
        assertThat(roles("human", "assistant")).containsExactly("unknown-role: prompt[0] has the role \"human\"");
    }

    @Test
    void aWholeConversationEndsWithTheAssistant() {
        assertThat(summary(check("{'messages':[" + USER + "," + ASSISTANT + "]}")))
                .isEmpty();
        assertThat(summary(check("{'messages':[" + ASSISTANT + "," + USER + "]}")))
                .containsExactly("role-order: messages end with a turn of the user");
    }

    @Test
    void turnsThatSayNothingAreFound() {
        assertThat(summary(check("{'messages':[" + USER + "," + ASSISTANT + "," + USER
                        + ",{'role':'assistant','content':' \\n'}]}")))
                .containsExactly("empty-turn: messages[3] is a turn of the assistant that is empty");
    }

    @Test
    void lengthThatGivesEveryAnswerAwayIsANote() {
        String[] rows = pairs(20, i -> i + " is long", i -> "short");
        assertThat(summary(check(rows)))
                .containsExactly("one-length-order: the longer completion is chosen in all of 20 pairs of different"
                        + " length");
        assertThat(check(rows).findings().get(0).examples().get(0).place())
                .isEqualTo(directory.resolve("rows.jsonl").toString());
        assertThat(summary(check(pairs(19, i -> i + " is long", i -> "short")))).isEmpty();
        assertThat(summary(check(pairs(20, i -> i == 7 ? "s" : i + " is long", i -> "short"))))
                .isEmpty();
        rows[3] = "{'prompt':'x','chosen':'s','rejected':'the longer is preferred','probability':0.25}";
        assertThat(summary(check(rows))).hasSize(1);
        rows[3] = "{'prompt':'x','chosen':'s','rejected':'neither is preferred','probability':0.5}";
        assertThat(summary(check(rows))).isEmpty();
    }

    @Test
    void rowsOfTextsKeepTheirCountsInAnyOrder() {
        String[] rows = pairs(24, i -> i % 3 == 0 ? "a </s>" : "caf\u00C3\u00A9", i -> i % 5 == 0 ? "&lt;" : "x");
        List<String> before = counts(check(rows));
        Collections.reverse(Arrays.asList(rows));
        assertThat(counts(check(rows))).isEqualTo(before).contains("special-token 8", "mojibake 16", "html-entity 5");
    }

    private static String[] pairs(int count, IntFunction<String> chosen, IntFunction<String> rejected) {
        return IntStream.range(0, count)
                .mapToObj(i -> "{'prompt':'question " + i + "','chosen':'" + chosen.apply(i) + "','rejected':'"
                        + rejected.apply(i) + "'}")
                .toArray(String[]::new);
    }

    private List<String> found(String chosen) {
        return summary(check("{'prompt':'p','chosen':'" + chosen + "','rejected':'z'}"));
    }

    private List<String> roles(String prompt, String chosen) {
        return summary(check("{'prompt':[" + turns(prompt) + "],'chosen':[" + turns(chosen)
                + "],'rejected':[{'role':'assistant','content':'No.'}]}"));
    }

    private static String turns(String roles) {
        return String.join(
                ",",
                Arrays.stream(roles.split(" "))
                        .map(role -> "{'role':'" + role + "','content':'words'}")
                        .toList());
    }

    private CheckReport check(String... rows) {
        Path path = Samples.file(
                directory, "rows.jsonl", Arrays.stream(rows).map(Samples::json).toArray(String[]::new));
        return DataCheck.check(List.of(Samples.source(path)), ReadOptions.DETECT);
    }

    private static List<String> counts(CheckReport report) {
        return report.findings().stream()
                .map(f -> f.rule().id() + " " + f.count())
                .toList();
    }

    /** Rule and first detail; several turns in a completion are a rule of the readers. */
    private static List<String> summary(CheckReport report) {
        return report.findings().stream()
                .filter(finding -> finding.rule() != Rule.SEVERAL_TURNS)
                .map(f -> f.rule().id() + ": " + f.examples().get(0).detail())
                .toList();
    }
}
