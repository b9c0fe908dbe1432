package org.rlhf4j.preference.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.preference.CompletionChoice;
import org.rlhf4j.preference.PairStrategy;
import org.rlhf4j.preference.PairWeights;
import org.rlhf4j.preference.RankingPairs;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Samples;
import org.rlhf4j.preference.TiePolicy;
import org.rlhf4j.preference.container.RowWriter;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.testing.Property;

class DataConversionTest {
    private static final DataConversion PLAIN = new DataConversion(ReadOptions.DETECT, null, false);
    private static final String RANKING =
            "{'prompt':'Name a tree.','completions':[{'text':'A','rank':2},{'text':'B','rank':1},{'text':'C','rank':3}]}";

    private final Path directory;

    DataConversionTest(@TempDir Path directory) {
        this.directory = directory;
    }

    private record Converted(ConversionReport report, List<String> rows) {}

    @Test
    void theArticlesRankingBecomesItsPairs() throws IOException {
        Converted done = convert(new DataConversion(ReadOptions.DETECT, all(TiePolicy.DROP), false), RANKING);
        assertThat(done.rows())
                .containsExactly(
                        "{'prompt':'Name a tree.','chosen':'B','rejected':'A'}",
                        "{'prompt':'Name a tree.','chosen':'A','rejected':'C'}",
                        "{'prompt':'Name a tree.','chosen':'B','rejected':'C'}");
        assertThat(Json.write(done.report().figures()))
                .startsWith("{\"format\":\"rankings\",\"kind\":\"pairs\",\"rows_in\":1,\"rows_out\":3,");
    }

    @Test
    void withoutAStrategyRankingsStayRankings() throws IOException {
        Converted done = convert(PLAIN, RANKING);
        assertThat(done.rows()).containsExactly(RANKING);
        assertThat(done.report().kind()).isEqualTo(Row.Kind.RANKING);
    }

    @Test
    void dialoguesBecomeCanonicalPairs() throws IOException {
        Converted done = convert(
                PLAIN,
                "{'chosen':'\\n\\nHuman: Tea?\\n\\nAssistant: Yes.','rejected':'\\n\\nHuman: Tea?\\n\\nAssistant: No.'}");
        assertThat(done.report().format()).isEqualTo("hh-rlhf");
        assertThat(done.rows())
                .containsExactly("{'prompt':'\\n\\nHuman: Tea?\\n\\nAssistant:','chosen':' Yes.','rejected':' No.'}");
    }

    @Test
    void theFirstInvalidRowEndsTheConversion() {
        assertThatThrownBy(() -> convert(PLAIN, "{'prompt':'p'}", "{'prompt':' '}", "{"))
                .isInstanceOf(DataFormatException.class)
                .hasMessageEndingWith("rows.jsonl:2: prompt is blank");
    }

    @Test
    void droppedRowsAreCountedByReason() throws IOException {
        Converted done = convert(
                new DataConversion(ReadOptions.DETECT, null, true),
                "{'prompt':'p'}",
                "{'prompt':' '}",
                "{",
                "{'prompt':7}",
                "{'prompt':'q','note':'n'}",
                "{'prompt':' '}");
        ConversionReport report = done.report();
        assertThat(done.rows()).containsExactly("{'prompt':'p'}", "{'prompt':'q'}");
        assertThat(report.rowsIn()).isEqualTo(6);
        assertThat(report.rowsDropped()).isEqualTo(4);
        assertThat(report.dropped().stream()
                        .map(f -> f.rule().id() + " " + f.count() + " :"
                                + f.examples().get(0).line()))
                .containsExactly("malformed-json 1 :3", "wrong-type 1 :4", "blank-prompt 2 :2");
        assertThat(report.unusedFields()).isEqualTo(Map.of("note", 1L));
    }

    @Test
    void tiesLeftOutAreCounted() throws IOException {
        String tied =
                "{'prompt':'p','completions':[{'text':'A','rank':1},{'text':'B','rank':1},{'text':'C','rank':2}]}";
        String level = "{'prompt':'q','completions':[{'text':'A','score':3},{'text':'B','score':3}]}";
        ConversionReport drop = convert(new DataConversion(ReadOptions.DETECT, all(TiePolicy.DROP), false), tied, level)
                .report();
        assertThat(drop.tiesDropped()).isEqualTo(2);
        assertThat(drop.rankingsWithoutPairs()).isEqualTo(1);
        assertThat(drop.rowsOut()).isEqualTo(2);
        Converted keep = convert(new DataConversion(ReadOptions.DETECT, all(TiePolicy.KEEP), false), tied, level);
        assertThat(keep.report().tiesDropped()).isZero();
        assertThat(keep.rows().get(0)).isEqualTo("{'prompt':'p','chosen':'A','rejected':'B','probability':0.5}");
        assertThat(keep.rows()).hasSize(4);
    }

    @Test
    void weightsMakeEveryRankingCountOnce() throws IOException {
        RankingPairs perPrompt = new RankingPairs(PairStrategy.ADJACENT, TiePolicy.DROP, PairWeights.PER_PROMPT);
        Converted done = convert(new DataConversion(ReadOptions.DETECT, perPrompt, false), RANKING);
        assertThat(done.rows())
                .containsExactly(
                        "{'prompt':'Name a tree.','chosen':'B','rejected':'A','weight':0.5}",
                        "{'prompt':'Name a tree.','chosen':'A','rejected':'C','weight':0.5}");
    }

    @Test
    void severalInputsMustGiveOneKindOfRow() throws IOException {
        Path ranking = Samples.file(directory, "r.jsonl", Samples.json(RANKING));
        Path pair = Samples.file(directory, "p.jsonl", Samples.json("{'prompt':'p','chosen':'a','rejected':'b'}"));
        List<DataSource> both = List.of(Samples.source(ranking), Samples.source(pair));
        assertThatThrownBy(() -> PLAIN.run(both, RowWriter.plain(new ByteArrayOutputStream())))
                .hasMessage(pair + ": holds pairs, but " + ranking + " holds rankings");
        ConversionReport report = new DataConversion(ReadOptions.DETECT, all(TiePolicy.DROP), false)
                .run(both, RowWriter.plain(new ByteArrayOutputStream()));
        assertThat(report.format()).isEqualTo("rankings,pairs");
        assertThat(report.rowsOut()).isEqualTo(4);
    }

    @Test
    void pairsAndRankingsBecomeDemonstrations() throws IOException {
        DataConversion best = new DataConversion(ReadOptions.DETECT, CompletionChoice.BEST, false);
        DataConversion every = new DataConversion(ReadOptions.DETECT, CompletionChoice.ALL, false);
        String tied = RANKING.replace("'rank':2", "'rank':1").replace("]}", "],'id':'r'}");
        assertThat(convert(best, RANKING).rows()).containsExactly("{'prompt':'Name a tree.','completion':'B'}");
        assertThat(convert(best, tied).rows())
                .containsExactly(
                        "{'prompt':'Name a tree.','completion':'A','id':'r/1'}",
                        "{'prompt':'Name a tree.','completion':'B','id':'r/2'}");
        assertThat(convert(every, RANKING).rows())
                .containsExactly(
                        "{'prompt':'Name a tree.','completion':'B'}",
                        "{'prompt':'Name a tree.','completion':'A'}",
                        "{'prompt':'Name a tree.','completion':'C'}");

        String pair = "{'prompt':'p','chosen':'a','rejected':'b'}";
        String doubted = pair.replace("}", ",'probability':0.2}");
        String tie = pair.replace("}", ",'probability':0.5}");
        assertThat(convert(best, pair, doubted, tie).rows())
                .containsExactly(
                        "{'prompt':'p','completion':'a'}",
                        "{'prompt':'p','completion':'b'}",
                        "{'prompt':'p','completion':'a'}",
                        "{'prompt':'p','completion':'b'}");
        Converted both = convert(every, pair, pair);
        assertThat(both.rows()).as("what is given twice is imitated twice").hasSize(4);
        assertThat(both.report().kind()).isEqualTo(Row.Kind.DEMONSTRATION);
        assertThat(convert(every, "{'text':'t'}").rows()).containsExactly("{'text':'t'}");
        assertThatThrownBy(() -> convert(every, "{'prompt':'p'}"))
                .hasMessageEndingWith(
                        "holds prompts, which cannot become demonstrations; pairs, rankings, partial orders, demonstrations or unpaired preferences can");
    }

    @Test
    void promptsCannotBecomePairs() {
        assertThatThrownBy(() ->
                        convert(new DataConversion(ReadOptions.DETECT, all(TiePolicy.DROP), false), "{'prompt':'p'}"))
                .hasMessageEndingWith(
                        "rows.jsonl: holds prompts, which cannot become pairs; pairs, rankings or partial orders can");
    }

    @Test
    void nothingLeftIsAnError() {
        assertThatThrownBy(() -> convert(new DataConversion(ReadOptions.of("prompts"), null, true), "{'prompt':' '}"))
                .hasMessageEndingWith("rows.jsonl: nothing to write: of 1 rows 1 are invalid and 0 gave no pair");
    }

    @Test
    void whatIsConvertedTwiceIsTheSame() {
        Property.forAll(
                60,
                draws -> {
                    int kind = draws.between(0, 2);
                    return draws.list(1, 6, d -> switch (kind) {
                        case 0 -> (Row) Samples.anyPair(d);
                        case 1 -> Samples.anyRanking(d);
                        default -> Samples.anyDemonstration(d);
                    });
                },
                rows -> {
                    String[] lines =
                            rows.stream().map(row -> Json.write(row.toJson())).toArray(String[]::new);
                    Path first = Samples.file(directory, "first.jsonl", lines);
                    byte[] once = bytes(PLAIN, Samples.source(first), null);
                    byte[] twice = bytes(PLAIN, new DataSource.Stream(new ByteArrayInputStream(once), "again"), null);
                    assertThat(new String(once, StandardCharsets.UTF_8)).isEqualTo(String.join("\n", lines) + "\n");
                    assertThat(twice).isEqualTo(once);
                });
    }

    @Test
    void aNameEndingInGzIsCompressed() throws IOException {
        Path in = Samples.file(directory, "in.jsonl", Samples.json("{'prompt':'p'}"));
        Path out = directory.resolve("out.jsonl.gz");
        Samples.bytes(directory, "out.jsonl.gz", bytes(PLAIN, Samples.source(in), out));
        assertThat(Samples.rows(out)).hasSize(1);
        assertThat(java.nio.file.Files.readAllBytes(out)).startsWith(0x1F, 0x8B);
    }

    private static byte[] bytes(DataConversion conversion, DataSource source, @Nullable Path name) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        conversion.run(List.of(source), name == null ? RowWriter.plain(out) : RowWriter.named(out, name));
        return out.toByteArray();
    }

    private static RankingPairs all(TiePolicy ties) {
        return new RankingPairs(PairStrategy.ALL, ties);
    }

    private Converted convert(DataConversion conversion, String... rows) throws IOException {
        Path path = Samples.file(
                directory, "rows.jsonl", Arrays.stream(rows).map(Samples::json).toArray(String[]::new));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ConversionReport report = conversion.run(List.of(Samples.source(path)), RowWriter.plain(out));
        return new Converted(
                report,
                out.toString(StandardCharsets.UTF_8)
                        .lines()
                        .map(line -> line.replace('"', '\''))
                        .collect(Collectors.toList()));
    }
}
