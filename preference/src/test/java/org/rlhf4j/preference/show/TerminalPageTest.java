package org.rlhf4j.preference.show;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.preference.Samples;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.testing.Property;

class TerminalPageTest {
    private static final String PAIR = "{'prompt':'Name a tree.','chosen':'A tall oak.','rejected':'A grey stone.'}";

    @Test
    void aPairStandsSideBySideWithItsDifferencesMarked() {
        assertThat(page(64, false, PAIR.replace("}", ",'margin':2.5,'id':'r/1','chosen_model':'a'}")))
                .containsExactly(
                        "\u2501\u2501 input:1 \u00B7 pair 1 \u00B7 margin 2.5 \u00B7 id r/1",
                        "prompt",
                        "Name a tree.",
                        "",
                        "chosen by a                    \u2502 rejected",
                        "A {+tall oak+}.                \u2502 A [-grey stone-].");
    }

    @Test
    void coloursTakeThePlaceOfMarks() {
        assertThat(page(64, true, PAIR))
                .contains(
                        "\u001b[1;32mchosen\u001b[0m                         \u2502 \u001b[1;31mrejected\u001b[0m",
                        "A \u001b[32mtall oak\u001b[0m.                    \u2502 A \u001b[31mgrey stone\u001b[0m.");
        assertThat(page(64, true, "{'prompt':'p','chosen':'x\\n','rejected':'x'}"))
                .contains("x\u001b[42m\u23CE\u001b[0m                             \u2502 x");
    }

    @Test
    void aTieMarksNeitherAsBetter() {
        assertThat(page(64, false, PAIR.replace("}", ",'probability':0.5}")))
                .contains(
                        "\u2501\u2501 input:1 \u00B7 pair 1 \u00B7 tie",
                        "A {~tall oak~}.                \u2502 A {~grey stone~}.");
        assertThat(page(64, false, PAIR.replace("}", ",'probability':0.25}")))
                .contains("A [-tall oak-].                \u2502 A {+grey stone+}.");
    }

    @Test
    void aNarrowTerminalShowsOneBelowTheOther() {
        assertThat(page(40, false, PAIR).subList(4, 9))
                .containsExactly("chosen", "A {+tall oak+}.", "", "rejected", "A [-grey stone-].");
    }

    @Test
    void rankingsAreColumnsAndTiesAreNamed() {
        List<String> lines = page(
                100,
                false,
                "{'prompt':'p','completions':[{'text':'a','rank':2},{'text':'b','rank':1,'model':'m'},"
                        + "{'text':'c','rank':2},{'text':'d','rank':3}]}");
        assertThat(lines.subList(4, 9))
                .containsExactly(
                        "rank 1 by m                                      \u2502 rank 2 = tied",
                        "b                                                \u2502 a",
                        "",
                        "rank 2 = tied                                    \u2502 rank 3",
                        "c                                                \u2502 d");
        assertThat(page(
                        100,
                        false,
                        "{'prompt':'p','completions':[{'text':'x y','score':0.5},{'text':'x z','score':2}]}"))
                .contains("x {+z+}                                          \u2502 x [-y-]");
    }

    @Test
    void turnsOfConversationsHaveTheirRoles() {
        assertThat(page(
                        64,
                        false,
                        "{'prompt':[{'role':'user','content':'Hi'}],'chosen':[{'role':'assistant','content':'yes'}],"
                                + "'rejected':[{'role':'assistant','content':'no'},{'role':'user','content':'oh'}]}"))
                .containsSubsequence(
                        "user:",
                        "Hi",
                        "assistant:                     \u2502 assistant:",
                        "{+yes+}                        \u2502 [-no-]",
                        "                               \u2502 user:",
                        "                               \u2502 [-oh-]");
    }

    @Test
    void otherRowsHaveOnePanel() {
        assertThat(page(60, false, "{'prompt':'p','completion':'c'}")).contains("completion", "c");
        assertThat(page(60, false, "{'text':'plain'}"))
                .contains("text", "plain")
                .doesNotContain("prompt");
        assertThat(page(60, false, "{'prompt':'only'}"))
                .containsExactly("\u2501\u2501 input:1 \u00B7 prompt 1", "prompt", "only", "");
    }

    @Test
    void rowsThatCannotBeReadAreShownWithTheReason() {
        assertThat(page(80, false, PAIR, "{'prompt':'p','chosen':'x'}", "{"))
                .contains(
                        "\u2501\u2501 input:2 \u00B7 row 2",
                        "error missing-field: field \"rejected\" is missing",
                        "{\"prompt\":\"p\",\"chosen\":\"x\"}",
                        "\u2501\u2501 input:3 \u00B7 row 3");
    }

    @Test
    void wideCharactersKeepTheColumnsAligned() {
        List<String> lines = page(
                66,
                false,
                "{'prompt':'p','chosen':'\u6211\u559C\u6B22\u6811\u6728\uFF0C\u5C24\u5176\u662F\u9AD8\u5927\u7684\u6A61\u6811"
                        + "\u548C\u767D\u6868\u6811','rejected':'\uD83D\uDE00 e\u0301 \uD83D\uDC69\u200D\uD83D\uDE80 x'}");
        assertThat(lines.subList(5, lines.size())).allSatisfy(line -> {
            String left = line.substring(0, line.indexOf('\u2502'));
            assertThat(DisplayWidth.of(left)).isEqualTo(32);
        });
        assertThat(lines.get(lines.size() - 1)).doesNotContain("\u2026");
    }

    @Test
    void widthsAreThoseOfUnicode() {
        assertThat(DisplayWidth.of("abc")).isEqualTo(3);
        assertThat(DisplayWidth.of("\u6211\uFF21\uFF71\uAC00")).isEqualTo(2 + 2 + 1 + 2);
        assertThat(DisplayWidth.of("e\u0301\u0000\u200B")).isEqualTo(1);
        assertThat(DisplayWidth.of("\uD83D\uDE00\u2764\uFE0F\u2764\u231A")).isEqualTo(2 + 2 + 1 + 2);
        assertThat(DisplayWidth.of("\uD83D\uDC69\u200D\uD83D\uDC69\u200D\uD83D\uDC67"))
                .isEqualTo(2);
    }

    @Test
    void nothingReachesTheTerminalThatItWouldActOn() {
        String hostile = "\\u001b]0;title\\u0007\\u001b[2J\\r\\u009b31m\\u202egnp\\u0000";
        List<String> lines = page(
                80,
                false,
                "{'prompt':'" + hostile + "','chosen':'a" + hostile + "','rejected':'b','id':'" + hostile + "'}",
                "{'prompt':'p','chosen':'x','" + hostile + "':1}");
        assertThat(lines)
                .anySatisfy(
                        line -> assertThat(line).contains("\u241B]0;title\u2407\u241B[2J\u240D\u27E8U+009B\u27E931m"));
        assertThat(lines).anySatisfy(line -> assertThat(line).contains("\u27E8U+202E\u27E9"));
        assertThat(String.join("", lines)).doesNotContainPattern("[\\p{Cntrl}\\u202E]");
    }

    @Test
    void noLineIsWiderThanThePage() {
        Property.forAll(
                300,
                draws -> Json.write(Samples.anyRow(draws).toJson()),
                row -> assertThat(page(48, false, row))
                        .allSatisfy(line -> assertThat(DisplayWidth.of(line)).isLessThanOrEqualTo(48)));
    }

    @Test
    void longTextsAreCutAndSaySo() {
        String text = "word ".repeat(5000);
        assertThat(page(80, false, "{'prompt':'" + text + "','chosen':'x','rejected':'y'}"))
                .contains("... (5000 more characters)");
    }

    @Test
    void rowsAreChosenByNumberAndProblem() {
        String[] rows = IntStream.range(1, 31)
                .mapToObj(i -> i % 10 == 0 ? "{'prompt':'p" + i + " </s>','chosen':'x','rejected':'y'}" : PAIR)
                .toArray(String[]::new);
        assertThat(places(new DataShow(ReadOptions.DETECT, 4, 6, 100, false), rows))
                .containsExactly(4L, 5L, 6L);
        assertThat(places(new DataShow(ReadOptions.DETECT, 1, Long.MAX_VALUE, 2, false), rows))
                .containsExactly(1L, 2L);
        assertThat(places(new DataShow(ReadOptions.DETECT, 15, Long.MAX_VALUE, 100, true), rows))
                .containsExactly(20L, 30L);
        assertThat(new DataShow(ReadOptions.DETECT, 1, 30, 30, false).show(List.of(source(rows)), row -> true))
                .isEqualTo(new DataShow.Shown(30, false));
        assertThat(new DataShow(ReadOptions.DETECT, 1, 30, 29, false).show(List.of(source(rows)), row -> true))
                .isEqualTo(new DataShow.Shown(29, true));
        assertThatThrownBy(() -> new DataShow(ReadOptions.DETECT, 3, 2, 1, false))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aFileOfNoKnownFormatIsRefused() {
        assertThatThrownBy(() -> page(80, false, "{'a':1}"))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith("input:1: no known format fits");
    }

    private static List<Long> places(DataShow show, String... rows) {
        List<Long> lines = new ArrayList<>();
        show.show(List.of(source(rows)), row -> lines.add(row.line()));
        return lines;
    }

    private static List<String> page(int width, boolean color, String... rows) {
        List<String> lines = new ArrayList<>();
        TerminalPage page = new TerminalPage(width, color);
        new DataShow(ReadOptions.DETECT, 1, Long.MAX_VALUE, 100, false)
                .show(List.of(source(rows)), row -> lines.addAll(page.lines(row)));
        return lines;
    }

    private static DataSource source(String... rows) {
        String text = List.of(rows).stream().map(Samples::json).collect(Collectors.joining("\n"));
        return new DataSource.Stream(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "input");
    }
}
