package org.rlhf4j.preference.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Json;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.preference.Samples;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.testing.Property;

class DataCheckTest {
    private static final String GOOD = "{'prompt':'Name a tree.','chosen':'An oak.','rejected':'A stone.'}";

    private final Path directory;

    DataCheckTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void goodRowsHaveNoFindings() {
        CheckReport report = check(GOOD, GOOD.replace("tree", "plant"));
        assertThat(report.findings()).isEmpty();
        assertThat(report.refused()).isFalse();
        assertThat(report.rows()).isEqualTo(2);
        assertThat(report.files().get(0).format()).isEqualTo("pairs");
        assertThat(report.files().get(0).evidence()).isEqualTo("it has \"prompt\", \"chosen\" and \"rejected\"");
    }

    @Test
    void theRowsOfAJoinedSourceAreNamedByTheirOwnFiles() {
        Path first =
                Samples.file(directory, "a.jsonl", Samples.json(GOOD), Samples.json(GOOD.replace("tree", "plant")));
        Path second = Samples.file(
                directory,
                "b.jsonl",
                Samples.json(GOOD),
                Samples.json("{'prompt':'Name a plant.','chosen':'A stone.','rejected':'An oak.'}"),
                "{");
        DataSource joined =
                new DataSource.Joined("all", List.of(new DataSource.File(first), new DataSource.File(second)));
        CheckReport report = DataCheck.check(List.of(joined, joined), ReadOptions.DETECT);
        assertThat(report.findings())
                .filteredOn(finding -> finding.rule() == Rule.DUPLICATE_ROW)
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.count()).isEqualTo(5);
                    assertThat(finding.examples())
                            .extracting(Finding.Example::file, Finding.Example::line, Finding.Example::detail)
                            .containsExactly(
                                    tuple(second.toString(), 1L, "the same row as " + first + ":1"),
                                    tuple(first.toString(), 1L, "the same row as " + first + ":1"),
                                    tuple(first.toString(), 2L, "the same row as " + first + ":2"));
                });
        assertThat(report.findings())
                .filteredOn(finding -> finding.rule() == Rule.CONTRADICTION)
                .singleElement()
                .satisfies(
                        finding -> assertThat(finding.examples().get(0).file()).isEqualTo(second.toString()));
        assertThat(report.findings())
                .filteredOn(finding -> finding.rule() == Rule.MALFORMED_JSON)
                .singleElement()
                .satisfies(finding -> assertThat(finding.examples()).hasSize(2));
        // Parts of one source may share prompts.
        assertThat(DataCheck.check(List.of(joined), ReadOptions.DETECT).findings())
                .noneMatch(finding -> finding.rule() == Rule.PROMPT_OVERLAP);
    }

    @Test
    void everyProblemIsCountedAndTheFirstNamed() {
        CheckReport report = check(
                GOOD,
                "{'prompt':'a','chosen':' ','rejected':''}",
                "{'prompt':'b',",
                "[1]",
                "{'prompt':'c','chosen':'same','rejected':'same','probability':3}",
                "{'prompt':'d','chosen':'x'}",
                "{'prompt':7,'chosen':'x','rejected':'y'}",
                "{'prompt':'e','chosen':'x','rejected':'y','weight':-1,'label':true}");
        assertThat(summary(report))
                .containsExactly(
                        "malformed-json 2 :3",
                        "missing-field 1 :6",
                        "wrong-type 1 :7",
                        "blank-completion 2 :2",
                        "same-completions 1 :5",
                        "bad-probability 1 :5",
                        "bad-number 1 :8");
        assertThat(report.refused()).isTrue();
        assertThat(report.rows()).isEqualTo(8);
        Finding.Example first = report.findings().get(3).examples().get(0);
        assertThat(first.detail()).isEqualTo("chosen is blank");
        assertThat(first.excerpt()).isEqualTo(Samples.json("{'prompt':'a','chosen':' ','rejected':''}"));
    }

    @Test
    void bytesThatAreNotUtf8AreNamedAsSuch() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes((Samples.json(GOOD) + "\n{\"prompt\":\"caf").getBytes(StandardCharsets.UTF_8));
        bytes.write(0xE9);
        bytes.writeBytes("\"}\n".getBytes(StandardCharsets.UTF_8));
        Path path = Samples.bytes(directory, "latin1.jsonl", bytes.toByteArray());
        CheckReport report = DataCheck.check(List.of(Samples.source(path)), ReadOptions.DETECT);
        assertThat(summary(report)).containsExactly("bad-utf8 1 :2");
    }

    @Test
    void repeatedRowsAndIdsAreFound() {
        CheckReport report = check(
                "{'prompt':'p','chosen':'a','rejected':'b','id':'1'}",
                "{'prompt':'p','chosen':'a','rejected':'c','id':2}",
                "{'prompt':'p','chosen':'a','rejected':'b','id':'2','margin':4}",
                "{'prompt':'p','chosen':'a','rejected':'b'}");
        assertThat(summary(report)).containsExactly("repeated-id 1 :3", "duplicate-row 2 :3");
        assertThat(report.findings().get(0).examples().get(0).detail()).endsWith("rows.jsonl:2");
        assertThat(report.refused()).isTrue();
    }

    @Test
    void duplicatesAloneAreAWarning() {
        assertThat(check(GOOD, GOOD).refused()).isFalse();
    }

    @Test
    void aRankingIsADuplicateInAnyOrder() {
        CheckReport report = check(
                "{'prompt':'p','completions':[{'text':'a','rank':1},{'text':'b','rank':2},{'text':'c','rank':2}]}",
                "{'prompt':'p','completions':[{'text':'c','rank':9},{'text':'b','rank':9},{'text':'a','rank':4}]}",
                "{'prompt':'p','completions':[{'text':'a','rank':1},{'text':'b','rank':2},{'text':'c','rank':3}]}");
        assertThat(summary(report)).containsExactly("duplicate-row 1 :2");
    }

    @Test
    void contradictionsAreFoundAcrossPairsAndProbabilities() {
        CheckReport report = check(
                "{'prompt':'p','chosen':'a','rejected':'b'}",
                "{'prompt':'q','chosen':'b','rejected':'a'}",
                "{'prompt':'p','chosen':'b','rejected':'a','probability':0.5}",
                "{'prompt':'p','chosen':'a','rejected':'b','probability':0.1}",
                "{'prompt':'p','chosen':'b','rejected':'a'}");
        assertThat(summary(report)).containsExactly("contradiction 1 :4");
        assertThat(report.findings().get(0).examples().get(0).detail())
                .startsWith("prefers what is rejected at ")
                .endsWith("rows.jsonl:1");
    }

    @Test
    void contradictionsAreFoundAcrossRankings() {
        // a > b > c says a > c; the second row says c > a, and nothing of b against c.
        CheckReport report = check(
                "{'prompt':'p','completions':[{'text':'a','rank':1},{'text':'b','rank':2},{'text':'c','rank':3}]}",
                "{'prompt':'p','completions':[{'text':'c','score':9},{'text':'a','score':8}]}",
                "{'prompt':'p','completions':[{'text':'b','rank':1},{'text':'c','rank':1}]}");
        assertThat(summary(report)).containsExactly("contradiction 1 :2");
    }

    @Test
    void promptsInTwoFilesAreWarnedOf() {
        Path train =
                Samples.file(directory, "train.jsonl", Samples.json("{'prompt':'a'}"), Samples.json("{'prompt':'b'}"));
        Path test = Samples.file(
                directory, "test.jsonl", Samples.json("{'prompt':'c'}"), Samples.json("{'prompt':'b','id':'x'}"));
        CheckReport report = DataCheck.check(List.of(Samples.source(train), Samples.source(test)), ReadOptions.DETECT);
        assertThat(summary(report)).containsExactly("duplicate-row 1 :2", "prompt-overlap 1 :2");
        Finding.Example example = report.findings().get(1).examples().get(0);
        assertThat(example.place()).isEqualTo(test + ":2");
        assertThat(example.detail()).isEqualTo("the same prompt as " + train + ":2");
    }

    @Test
    void fieldsThatNothingUsesAreCountedByName() {
        CheckReport report = check(
                "{'prompt':'p','chosen':'a','rejected':'b','x':1,'y':2}",
                "{'prompt':'q','chosen':'a','rejected':'b','x':1}");
        assertThat(report.unusedFields()).isEqualTo(Map.of("x", 2L, "y", 1L));
        assertThat(summary(report)).containsExactly("unused-field 3 :1");
        assertThat(report.refused()).isFalse();
    }

    @Test
    void aFileOfUnknownFormatIsRefusedButStillReadForItsJson() {
        CheckReport report = check("{'question':'p','answer':'a'}", "{'question':", "{'question':'r'}");
        assertThat(summary(report)).containsExactly("malformed-json 1 :2", "unknown-format 1 :1");
        assertThat(report.rows()).isEqualTo(3);
        assertThat(report.files().get(0).format()).isEqualTo("unknown");
    }

    @Test
    void anEmptyFileIsRefused() {
        Path path = Samples.bytes(directory, "empty.jsonl", new byte[] {'\n', '\n'});
        CheckReport report = DataCheck.check(List.of(Samples.source(path)), ReadOptions.DETECT);
        assertThat(report.findings()).extracting(Finding::rule).containsExactly(Rule.NO_ROWS);
        assertThat(report.findings().get(0).examples().get(0).place()).isEqualTo(path.toString());
    }

    @Test
    void aTruncatedArchiveIsReportedAfterItsGoodRows() {
        String rows = java.util.stream.IntStream.range(0, 2000)
                .mapToObj(i -> Samples.json(
                        GOOD.replace("tree", "tree " + i * 7919).replace("oak", i % 2 == 0 ? "oak" : "old oak")))
                .collect(Collectors.joining("\n"));
        byte[] whole = Samples.gzip(rows);
        Path path = Samples.bytes(directory, "cut.jsonl.gz", Arrays.copyOf(whole, whole.length / 2));
        CheckReport report = DataCheck.check(List.of(Samples.source(path)), ReadOptions.DETECT);
        assertThat(report.findings()).extracting(Finding::rule).containsExactly(Rule.UNREADABLE);
        assertThat(report.rows()).isBetween(100L, 1999L);
    }

    @Test
    void aFileInUtf16IsReportedAsUnreadable() {
        Path path = Samples.bytes(directory, "utf16.jsonl", Samples.json(GOOD).getBytes(StandardCharsets.UTF_16));
        CheckReport report = DataCheck.check(List.of(Samples.source(path)), ReadOptions.DETECT);
        assertThat(report.findings()).extracting(Finding::rule).containsExactly(Rule.UNREADABLE);
        assertThat(report.findings().get(0).examples().get(0).detail()).contains("UTF-16");
    }

    @Test
    void aMissingFileIsNoFinding() {
        Path path = directory.resolve("nowhere.jsonl");
        assertThatThrownBy(() -> DataCheck.check(List.of(Samples.source(path)), ReadOptions.DETECT))
                .hasMessage(path + ": there is no such file");
    }

    @Test
    void onlyThreeExamplesAreKept() {
        String[] rows = new String[50];
        Arrays.fill(rows, "{");
        rows[0] = GOOD;
        Finding finding = check(rows).findings().get(0);
        assertThat(finding.count()).isEqualTo(49);
        assertThat(finding.examples()).extracting(Finding.Example::line).containsExactly(2L, 3L, 4L);
    }

    @Test
    void theReportAsJsonHasTheKeysThatScriptsRead() {
        Map<String, Object> figures =
                check("{'prompt':'p','chosen':'a','rejected':'a'}").figures();
        assertThat(Json.write(figures))
                .startsWith(
                        "{\"rows\":1,\"problems\":[{\"rule\":\"same-completions\",\"severity\":\"error\",\"count\":1,"
                                + "\"first\":\"")
                .contains("rows.jsonl:1\",\"examples\":[{\"place\":\"")
                .contains("\"refused\":true,\"files\":[{\"file\":");
    }

    @Test
    void theOrderOfTheRowsDoesNotChangeTheCounts() {
        List<String> strays = List.of(
                "{'chosen':'a','rejected':'b'}",
                "{'prompt':'q'}",
                "{'prompt':'p','completions':[{'text':'a','rank':1},{'text':'b','rank':2}]}",
                "{'text':'t'}",
                "{'question':'x'}",
                "{'prompt':");
        Property.forAll(
                200,
                draws -> {
                    int share = draws.pick(List.of(0, 4, 10, 25, 50));
                    return draws.list(1, 60, d -> {
                        if (d.between(0, 99) < share) {
                            return d.pick(strays);
                        }
                        String id = d.flip() ? ",'id':" + d.between(0, 2) : "";
                        return "{'prompt':'" + d.pick(List.of("p", "q", "")) + "','chosen':'"
                                + d.pick(List.of("a", "b", "c")) + "','rejected':'" + d.pick(List.of("a", "b", " "))
                                + "'" + id + "}";
                    });
                },
                rows -> {
                    List<String> shuffled = new ArrayList<>(rows);
                    Collections.shuffle(shuffled, new Random(rows.size()));
                    assertThat(counts(check(shuffled.toArray(String[]::new))))
                            .isEqualTo(counts(check(rows.toArray(String[]::new))));
                });
    }

    @Test
    void aRowOfAnotherFormatIsABadRowWhereverItStands() {
        for (String stray : List.of(
                "{'chosen':'a','rejected':'b'}",
                "{'prompt':'q'}",
                "{'prompt':'q','completions':[{'text':'a','rank':1},{'text':'b','rank':2}]}")) {
            long missing = stray.contains("chosen") ? 1 : 2;
            for (int at = 0; at < 30; at++) {
                List<String> rows = pairs(29);
                rows.add(at, stray);
                CheckReport report = check(rows.toArray(String[]::new));
                assertThat(report.files().get(0).format()).isEqualTo("pairs");
                assertThat(counts(report)).containsEntry(Rule.MISSING_FIELD, missing);
                assertThat(report.findings().get(0).examples().get(0).line()).isEqualTo(at + 1);
            }
        }
    }

    @Test
    void anEmptyCellIsAMissingFieldWhereverItStands() {
        for (String emptyRows :
                List.of("3", "26", "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24")) {
            List<String> empty = List.of(emptyRows.split(" "));
            StringBuilder table = new StringBuilder("prompt,chosen,rejected\n");
            for (int i = 0; i < 30; i++) {
                table.append(empty.contains("" + i) ? "" : "p" + i).append(",a,b\n");
            }
            Path path = Samples.bytes(directory, "rows.csv", table.toString().getBytes(StandardCharsets.UTF_8));
            CheckReport report = DataCheck.check(List.of(Samples.source(path)), ReadOptions.DETECT);
            assertThat(report.files().get(0).format()).isEqualTo("pairs");
            assertThat(counts(report)).isEqualTo(Map.of(Rule.MISSING_FIELD, (long) empty.size()));
        }
    }

    private static List<String> pairs(int count) {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add("{'prompt':'p" + i + "','chosen':'a','rejected':'b'}");
        }
        return rows;
    }

    @Test
    void twoAnnotatorsWhoSayTheSameAreNoDuplicates() {
        String row = "{'prompt':'p','chosen':'a','rejected':'b','annotator':'%s'}";
        CheckReport report = check(row.formatted("ann"), row.formatted("bob"), row.formatted("ann"));
        assertThat(summary(report)).containsExactly("duplicate-row 1 :3");
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
