package org.rlhf4j.preference.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.preference.Samples;
import org.rlhf4j.preference.digest.Digest;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.testing.Property;

class OrderCyclesTest {
    private final Path directory;

    OrderCyclesTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void completionsThatArePreferredInACircleAreReportedWithTheirPlaces() {
        CheckReport report = check(
                row("p", "a", "b", ""),
                row("q", "a", "b", ""),
                row("p", "b", "c", ""),
                row("q", "b", "c", ""),
                row("p", "c", "a", ""),
                row("q", "a", "c", ""));
        assertThat(summary(report)).containsExactly("preference-cycle 1 :5");
        assertThat(report.findings().get(0).examples().get(0).detail())
                .startsWith("3 completions are preferred in a circle, at ")
                .contains("rows.jsonl:1")
                .contains("rows.jsonl:3")
                .contains("rows.jsonl:5");
    }

    @Test
    void aRankingAndAPairMayCloseACircle() {
        assertThat(
                        summary(
                                check(
                                        "{'prompt':'p','completions':[{'text':'a','rank':1},{'text':'b','rank':2}]}",
                                        "{'prompt':'p','completions':[{'text':'b','rank':1},{'text':'c','rank':2}]}",
                                        "{'prompt':'p','completions':[{'text':'c','rank':1},{'text':'a','rank':2},{'text':'d','rank':2}]}")))
                .containsExactly("preference-cycle 1 :3");
    }

    @Test
    void twoCompletionsPreferredBothWaysAreNoCircle() {
        assertThat(summary(check(row("p", "a", "b", ""), row("p", "b", "c", ""), row("p", "c", "b", ""))))
                .containsExactly("contradiction 1 :3");
    }

    @Test
    void whoContradictsWhomIsTold() {
        CheckReport report = check(
                row("p", "a", "b", "ann"),
                row("p", "b", "a", "bob"),
                row("q", "a", "b", "ann"),
                row("q", "b", "a", "ann"),
                row("r", "a", "b", "ann"),
                row("r", "b", "a", ""));
        assertThat(summary(report))
                .containsExactly("contradiction 1 :6", "self-contradiction 1 :4", "annotators-disagree 1 :2");
        assertThat(report.findings().get(1).examples().get(0).detail())
                .startsWith("annotator \"ann\" prefers what is rejected at ")
                .endsWith("rows.jsonl:3");
        assertThat(report.refused()).isFalse();
        assertThat(report.count(Rule.Severity.WARNING)).isEqualTo(2);
    }

    @Test
    void beyondTheLimitOfAPromptItIsSaidThatNothingWasLookedFor() {
        try (OrderCycles cycles = new OrderCycles(3)) {
            Map<String, Integer> found = new HashMap<>();
            for (String pair : List.of("ab", "bc", "ca", "ad")) {
                cycles.add(digest("big"), digest(pair.substring(0, 1)), digest(pair.substring(1)), null, 0, 7);
                if (!pair.equals("ad")) {
                    cycles.add(digest("small"), digest(pair.substring(0, 1)), digest(pair.substring(1)), null, 0, 9);
                }
            }
            cycles.find(
                    (rule, place, detail) -> found.merge(rule.id() + " " + detail.of(p -> "here"), 1, Integer::sum));
            assertThat(found)
                    .isEqualTo(Map.of(
                            "cycles-not-sought more than 3 pairs of completions of this prompt are compared",
                            1,
                            "preference-cycle 3 completions are preferred in a circle, at here, here, here",
                            1));
        }
    }

    @Test
    void cyclesAreFoundWhereTransitivityReachesBack() {
        // A prompt has a circle if, without what is said both ways, a completion is above itself.
        Property.forAll(
                60,
                draws -> draws.list(1, 14, d -> {
                    int a = d.between(0, 4);
                    int b = (a + d.between(1, 4)) % 5;
                    return d.pick(List.of("p", "q")) + a + b;
                }),
                rows -> {
                    long expected = List.of("p", "q").stream()
                            .filter(prompt -> isCircular(prompt, rows))
                            .count();
                    CheckReport report = check(rows.stream()
                            .map(r -> row(r.substring(0, 1), r.substring(1, 2), r.substring(2), ""))
                            .toArray(String[]::new));
                    assertThat(counts(report).getOrDefault(Rule.PREFERENCE_CYCLE, 0L))
                            .isEqualTo(expected);
                });
    }

    @Test
    void theOrderOfTheRowsDoesNotChangeTheCounts() {
        Property.forAll(
                40,
                draws -> draws.list(
                        1,
                        16,
                        d -> row(
                                d.pick(List.of("p", "q")),
                                d.pick(List.of("a", "b", "c", "d")),
                                d.pick(List.of("e", "a", "b", "c")),
                                d.pick(List.of("", "ann", "bob")))),
                rows -> {
                    List<String> shuffled = new ArrayList<>(rows);
                    Collections.shuffle(shuffled, new Random(rows.size()));
                    assertThat(counts(check(shuffled.toArray(String[]::new))))
                            .isEqualTo(counts(check(rows.toArray(String[]::new))));
                });
    }

    private static boolean isCircular(String prompt, List<String> rows) {
        Set<String> said = rows.stream()
                .filter(r -> r.startsWith(prompt))
                .map(r -> r.substring(1))
                .collect(Collectors.toSet());
        Set<String> above = said.stream()
                .filter(edge -> !said.contains(edge.substring(1) + edge.charAt(0)))
                .collect(Collectors.toCollection(HashSet::new));
        boolean grew = true;
        while (grew) {
            Set<String> more = new HashSet<>(above);
            for (String x : above) {
                for (String y : above) {
                    if (x.charAt(1) == y.charAt(0)) {
                        more.add("" + x.charAt(0) + y.charAt(1));
                    }
                }
            }
            grew = above.addAll(more);
        }
        return above.stream().anyMatch(edge -> edge.charAt(0) == edge.charAt(1));
    }

    private static Digest digest(String text) {
        return Digest.of(Content.of(text));
    }

    private static String row(String prompt, String chosen, String rejected, String annotator) {
        String who = annotator.isEmpty() ? "" : ",'annotator':'" + annotator + "'";
        return "{'prompt':'" + prompt + "','chosen':'" + chosen + "','rejected':'" + rejected + "'" + who + "}";
    }

    private CheckReport check(String... rows) {
        Path path = Samples.file(
                directory, "rows.jsonl", Arrays.stream(rows).map(Samples::json).toArray(String[]::new));
        return DataCheck.check(List.of(Samples.source(path)), ReadOptions.DETECT);
    }

    private static Map<Rule, Long> counts(CheckReport report) {
        return report.findings().stream().collect(Collectors.toMap(Finding::rule, Finding::count));
    }

    private static List<String> summary(CheckReport report) {
        return report.findings().stream()
                .map(f -> f.rule().id() + " " + f.count() + " :"
                        + f.examples().get(0).line())
                .toList();
    }
}
