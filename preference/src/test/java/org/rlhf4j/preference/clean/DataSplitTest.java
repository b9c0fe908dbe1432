package org.rlhf4j.preference.clean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.Samples;
import org.rlhf4j.preference.container.RowWriter;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.testing.Property;

class DataSplitTest {
    private final Path directory;

    DataSplitTest(@TempDir Path directory) {
        this.directory = directory;
    }

    private record Split(SplitReport report, List<String> train, List<String> valid, List<String> test) {}

    private record Case(List<Integer> prompts, double fraction, long seed) {}

    @Test
    void noPromptIsOnBothSidesAndNoRowIsLost() {
        Property.forAll(
                60,
                draws -> {
                    // Ten prompts at least: then 0.3 of the rows are more than the smallest prompt has.
                    List<Integer> prompts =
                            new ArrayList<>(IntStream.range(0, 10).boxed().toList());
                    prompts.addAll(draws.list(50, d -> d.between(0, 12)));
                    return new Case(prompts, draws.between(0.3, 0.5), draws.between(0, 1000));
                },
                given -> {
                    List<String> rows = rows(given.prompts());
                    Split split = split(new DataSplit(given.fraction(), given.seed()), rows);
                    List<String> all = new ArrayList<>(split.train());
                    all.addAll(split.test());
                    assertThat(all).containsExactlyInAnyOrderElementsOf(rows);
                    assertThat(prompts(split.train())).doesNotContainAnyElementsOf(prompts(split.test()));
                    assertThat(split.train()).isNotEmpty().isSubsetOf(rows);
                    assertThat(split.test()).isNotEmpty();
                    SplitReport report = split.report();
                    assertThat(report.train().rows()).isEqualTo(split.train().size());
                    assertThat(report.test().rows()).isEqualTo(split.test().size());
                    assertThat(report.train().prompts())
                            .isEqualTo(prompts(split.train()).size());
                    assertThat(report.test().prompts())
                            .isEqualTo(prompts(split.test()).size());
                });
    }

    @Test
    void theFractionIsMetToTheRowWhenEveryPromptHasOneRow() throws IOException {
        List<String> rows = rows(IntStream.range(0, 1000).boxed().toList());
        assertThat(split(new DataSplit(0.1, 1), rows).test()).hasSize(100);
        assertThat(split(new DataSplit(0.25, 1), rows).test()).hasSize(250);
        assertThat(split(new DataSplit(0.999, 1), rows).test()).hasSize(999);
    }

    @Test
    void aSeedAlwaysChoosesTheSameAndAnotherOneOthers() throws IOException {
        List<String> rows = rows(IntStream.range(0, 200).boxed().toList());
        List<String> test = split(new DataSplit(0.2, 7), rows).test();
        assertThat(split(new DataSplit(0.2, 7), rows).test()).isEqualTo(test);
        assertThat(split(new DataSplit(0.2, 8), rows).test()).isNotEqualTo(test);
        List<String> shuffled = new ArrayList<>(rows);
        Collections.shuffle(shuffled, new Random(3));
        assertThat(split(new DataSplit(0.2, 7), shuffled).test()).containsExactlyInAnyOrderElementsOf(test);
    }

    @Test
    void rowsStayAsTheyWereAndInTheirOrder() throws IOException {
        List<String> rows = List.of(
                Samples.json("{'chosen':'p one','extra':[1,2.50],'rejected':'p two'}"),
                Samples.json("{'chosen':'q one','rejected':'q two','note':null}"));
        Split split = split(new DataSplit(0.5, 1), rows);
        assertThat(List.of(split.train().get(0), split.test().get(0)))
                .containsExactlyInAnyOrder(rows.get(0).replace("2.50", "2.5"), rows.get(1));
    }

    @Test
    void aPromptLargerThanTheTestFileIsTrainedOn() throws IOException {
        List<Integer> prompts = new ArrayList<>(Collections.nCopies(60, 0));
        IntStream.rangeClosed(1, 40).forEach(prompts::add);
        List<String> rows = rows(prompts);
        for (int seed = 0; seed < 20; seed++) {
            Split split = split(new DataSplit(0.1, seed), rows);
            assertThat(split.test()).hasSize(10);
            assertThat(prompts(split.test())).doesNotContain("0");
        }
    }

    @Test
    void tooFewPromptsAreRefused() {
        assertThatThrownBy(() -> split(new DataSplit(0.5, 1), rows(List.of(3, 3, 3, 3))))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("4 rows with 1 different prompts cannot be split so that 0.5 of the rows");
        // Of two prompts with five rows each 0.99 are ten rows: nothing would be left to train on.
        assertThatThrownBy(() -> split(new DataSplit(0.99, 1), rows(List.of(1, 1, 1, 1, 1, 2, 2, 2, 2, 2))))
                .hasMessageContaining("cannot be split");
        assertThatThrownBy(() -> split(new DataSplit(0.01, 1), rows(List.of(1, 2, 3))))
                .hasMessageContaining("cannot be split");
    }

    @Test
    void anInvalidRowIsRefused() {
        List<String> rows = List.of(Samples.json("{'prompt':'a'}"), Samples.json("{'prompt':''}"));
        assertThatThrownBy(() -> split(new DataSplit(0.5, 1), rows))
                .hasMessageEndingWith("two.jsonl:1: prompt is blank");
    }

    @Test
    void aFractionBeyondItsRangeIsRefused() {
        for (double fraction : new double[] {0, 1, -0.5, Double.NaN}) {
            assertThatThrownBy(() -> new DataSplit(fraction, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("must be between 0 and 1");
        }
    }

    @Test
    void conversationsThatOpenAlikeStayTogether() throws IOException {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            rows.add(Samples.json("{'messages':[{'role':'user','content':'" + i / 2
                    + "'},{'role':'assistant','content':'" + i + "'}]}"));
        }
        Split split = split(new DataSplit(0.3, 5), rows);
        assertThat(split.test()).hasSize(12);
        assertThat(split.report().test().prompts()).isEqualTo(6);
    }

    @Test
    void aThirdPartIsValidatedOn() throws IOException {
        List<String> rows = rows(IntStream.range(0, 300).map(i -> i / 2).boxed().toList());
        Split split = split(new DataSplit(0.1, 0.2, 5, null), rows);
        assertThat(split.test()).hasSize(30);
        assertThat(split.valid()).hasSize(60);
        assertThat(split.train()).hasSize(210);
        assertThat(split.report().valid()).isEqualTo(new SplitReport.Part(60, 30));
        assertThat(prompts(split.valid()))
                .doesNotContainAnyElementsOf(prompts(split.test()))
                .doesNotContainAnyElementsOf(prompts(split.train()));
        assertThat(split(new DataSplit(0.1, 5), rows).test()).isEqualTo(split.test());
        assertThatThrownBy(() -> new DataSplit(0.5, 0.5, 1, null)).hasMessageContaining("leave something to train on");
    }

    private record NearCase(List<String> prompts, long seed) {}

    @Test
    void noPromptIsNearlyThatOfAnotherSide() {
        NearSettings near = new NearSettings(0.6, 128, 32, false, 4);
        Property.forAll(
                25,
                draws -> {
                    List<String> prompts = new ArrayList<>();
                    for (int i = 0; i < 12; i++) {
                        StringBuilder prompt = new StringBuilder(draws.list(40, 40, d -> d.between(0, 9)).stream()
                                .map(digit -> "0123456789".substring(digit, digit + 1))
                                .collect(Collectors.joining()));
                        prompts.add(prompt.toString());
                        draws.list(4, d -> d.between(0, 39)).forEach(at -> {
                            prompt.setCharAt(at, 'x');
                            prompts.add(prompt.toString());
                        });
                    }
                    return new NearCase(prompts, draws.between(0, 1000));
                },
                given -> {
                    List<String> rows = given.prompts().stream()
                            .map(prompt -> Samples.json("{'prompt':'" + prompt + "'}"))
                            .toList();
                    DataSplit splitting = new DataSplit(0.4, 0, given.seed(), near);
                    Split split = split(splitting, rows);
                    for (String trained : prompts(split.train())) {
                        for (String tested : prompts(split.test())) {
                            assertThat(NearDuplicatesTest.bruteForce(trained, tested))
                                    .as("%s and %s", trained, tested)
                                    .isLessThan(0.6);
                        }
                    }
                    List<String> shuffled = new ArrayList<>(rows);
                    Collections.shuffle(shuffled, new Random(given.seed()));
                    assertThat(split(splitting, shuffled).test()).containsExactlyInAnyOrderElementsOf(split.test());
                });
    }

    @Test
    void oneConversationCutOffAtSeveralTurnsStaysTogether() throws IOException {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            String turns = "\\n\\nHuman: question " + i / 2 + "\\n\\nAssistant:"
                    + (i % 2 == 0 ? "" : " an answer\\n\\nHuman: and more\\n\\nAssistant:");
            rows.add(Samples.json("{'chosen':'" + turns + " yes " + i + "','rejected':'" + turns + " no'}"));
        }
        Split split = split(new DataSplit(0.3, 5), rows);
        assertThat(split.test()).hasSize(12);
        assertThat(split.report().test()).isEqualTo(new SplitReport.Part(12, 6));
        assertThat(split.report().files().get(0).format()).isEqualTo("hh-rlhf");
    }

    @Test
    void filesOfTwoFormatsAreRefused() {
        List<String> rows = List.of(Samples.json("{'prompt':'a'}"), Samples.json("{'prompt':'b','completion':'c'}"));
        assertThatThrownBy(() -> split(new DataSplit(0.5, 1), rows))
                .hasMessageEndingWith("two.jsonl: is of the format demonstrations, but the files before it of prompts");
    }

    private static List<String> rows(List<Integer> prompts) {
        List<String> rows = new ArrayList<>();
        for (int prompt : prompts) {
            rows.add(Samples.json("{'prompt':'" + prompt + "','id':'" + rows.size() + "'}"));
        }
        return rows;
    }

    private static List<String> prompts(List<String> rows) {
        return rows.stream()
                .map(row -> Samples.object(row).path("prompt").asText())
                .distinct()
                .toList();
    }

    private Split split(DataSplit split, List<String> rows) throws IOException {
        return split(split, ReadOptions.DETECT, rows);
    }

    private Split split(DataSplit split, ReadOptions options, List<String> rows) throws IOException {
        int half = (rows.size() + 1) / 2;
        List<DataSource> files = List.of(
                Samples.source(Samples.file(
                        directory, "one.jsonl", rows.subList(0, half).toArray(String[]::new))),
                Samples.source(Samples.file(
                        directory, "two.jsonl", rows.subList(half, rows.size()).toArray(String[]::new))));
        ByteArrayOutputStream train = new ByteArrayOutputStream();
        ByteArrayOutputStream valid = new ByteArrayOutputStream();
        ByteArrayOutputStream test = new ByteArrayOutputStream();
        RowWriter validated = split.validFraction() == 0 ? null : RowWriter.plain(valid);
        SplitReport report = split.run(
                files, options, new DataSplit.Parts(RowWriter.plain(train), validated, RowWriter.plain(test)));
        return new Split(report, lines(train), lines(valid), lines(test));
    }

    private static List<String> lines(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
