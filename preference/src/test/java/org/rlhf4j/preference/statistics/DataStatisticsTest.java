package org.rlhf4j.preference.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.commons.math3.stat.interval.ConfidenceInterval;
import org.apache.commons.math3.stat.interval.WilsonScoreInterval;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Json;
import org.rlhf4j.preference.Samples;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.testing.Property;

class DataStatisticsTest {
    private final Path directory;

    DataStatisticsTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void pairsAreSummedUp() {
        StatisticsReport report = statistics(
                "{'prompt':'pp','chosen':'12345','rejected':'123'}", // the longer is chosen
                "{'prompt':'pp','chosen':'1','rejected':'12','weight':0.5}", // the shorter is
                "{'prompt':'q','chosen':'1','rejected':'12','probability':0.2}", // the longer is, by probability
                "{'prompt':'q','chosen':'12','rejected':'\uD83C\uDF33\uD83C\uDF33'}", // two characters each
                "{'prompt':'q','chosen':'1','rejected':'123','probability':0.5}", // a tie
                "{'prompt':'q','chosen':' ','rejected':'12'}"); // invalid
        assertThat(report.file().rows()).isEqualTo(6);
        assertThat(report.invalid()).isEqualTo(1);
        assertThat(report.prompts()).isEqualTo(2);
        assertThat(report.tiedPairs()).isEqualTo(1);
        assertThat(report.totalWeight()).isEqualTo(4.5);
        assertThat(Objects.requireNonNull(report.longerChosen()).share()).isEqualTo(new Share(3, 2));
        // Chosen: 5, 1, 1, 2, 1; half of five is the third smallest.
        assertThat(report.lengths().get("chosen")).isEqualTo(new StatisticsReport.Lengths(5, 2.0, 1, 1, 5, 5, 5));
        assertThat(report.lengths().keySet()).containsExactly("prompt", "chosen", "rejected");
    }

    @Test
    void rankingsAreSummedUp() {
        // Of each two completions: a(1) with bb(2) shorter, a with ccc(3) shorter, bb with ccc shorter; then x = yy.
        StatisticsReport report = statistics(
                "{'prompt':'p','completions':[{'text':'bb','rank':2},{'text':'a','rank':1},{'text':'ccc','rank':3}]}",
                "{'prompt':'p','completions':[{'text':'x','score':1},{'text':'yy','score':1}]}");
        assertThat(report.rankingSizes()).isEqualTo(new TreeMap<>(Map.of(2, 1L, 3, 1L)));
        assertThat(report.longerChosen()).isEqualTo(new StatisticsReport.LongerChosen(new Share(3, 0), 1));
        assertThat(report.tiedPairs()).isEqualTo(1);
        assertThat(Json.write(report.figures()))
                .contains("\"longer_chosen\":{\"n\":3,\"share\":0.0,\"ci95\":[0.0,")
                .contains("\"effective_n\":1.0},")
                .endsWith("\"tied_pairs\":1,\"ranking_sizes\":{\"2\":1,\"3\":1}}");
    }

    @Test
    void pairsOfOnePromptAreWorthFewer() {
        // p: three of three; q: none of one. Share 3/4, residuals 3/4 and -3/4, variance 2 (3/4)^2 / 16.
        StatisticsReport report = statistics(
                "{'prompt':'p','chosen':'123','rejected':'1'}",
                "{'prompt':'p','chosen':'124','rejected':'1'}",
                "{'prompt':'p','chosen':'125','rejected':'1'}",
                "{'prompt':'q','chosen':'1','rejected':'123'}");
        StatisticsReport.LongerChosen longer = Objects.requireNonNull(report.longerChosen());
        double variance = 2 * 0.75 * 0.75 / 16;
        assertThat(longer.effective()).isEqualTo(0.75 * 0.25 / variance, within(1e-12));
        assertThat(longer.interval().get(0))
                .isLessThan(longer.share().interval().get(0));
    }

    @Test
    void promptsThatCompareNoLengthsAreWorthNothing() {
        // Two comparisons of one prompt are one; the other prompts compare nothing.
        StatisticsReport report = statistics(
                "{'prompt':'p','chosen':'123','rejected':'1'}",
                "{'prompt':'p','chosen':'124','rejected':'1'}",
                "{'prompt':'q','chosen':'1','rejected':'2'}",
                "{'prompt':'r','chosen':'123','rejected':'1','probability':0.5}");
        assertThat(Objects.requireNonNull(report.longerChosen()).effective()).isEqualTo(1, within(1e-12));
    }

    @Test
    void everyPairAPromptOfItsOwnIsWorthOne() {
        StatisticsReport report = statistics(
                "{'prompt':'p','chosen':'123','rejected':'1'}",
                "{'prompt':'q','chosen':'124','rejected':'1'}",
                "{'prompt':'r','chosen':'1','rejected':'123'}");
        assertThat(Objects.requireNonNull(report.longerChosen()).effective()).isEqualTo(3, within(1e-12));
    }

    @Test
    void labelsAndStepsHaveTheirShares() {
        StatisticsReport labels = statistics(
                "{'prompt':'p','completion':'1','label':true}",
                "{'prompt':'p','completion':'12','label':true}",
                "{'prompt':'p','completion':'123','label':false}");
        assertThat(labels.positive()).isEqualTo(new Share(3, 2));
        assertThat(labels.lengths().keySet()).containsExactly("prompt", "completion");
        assertThat(labels.figures()).containsKey("desirable").doesNotContainKey("longer_chosen");
        StatisticsReport steps = statistics(
                "{'prompt':'p','completions':['12','3'],'labels':[true,false]}",
                "{'prompt':'q','completions':['4'],'labels':[true]}");
        assertThat(steps.positive()).isEqualTo(new Share(3, 2));
        assertThat(steps.lengths().get("steps")).isEqualTo(new StatisticsReport.Lengths(3, 4.0 / 3, 1, 1, 2, 2, 2));
        assertThat(steps.figures()).containsKey("right_steps");
    }

    @Test
    void partialOrdersCompareWhatFollows() {
        StatisticsReport report = statistics(
                "{'prompt':'p','completions':[{'text':'1'},{'text':'12'},{'text':'123'}],'preferences':[[2,1],[1,0]]}");
        assertThat(Objects.requireNonNull(report.longerChosen()).share()).isEqualTo(new Share(3, 3));
        assertThat(report.rankingSizes()).isEqualTo(new TreeMap<>(Map.of(3, 1L)));
    }

    @Test
    void sourcesModelsTokensAndAnnotatorsAreCountedWhereTheyAreKnown() {
        Path path = Samples.file(
                directory,
                "named.jsonl",
                Samples.json("{'prompt':'a b','chosen':'c','rejected':'d e f','source':'s','chosen_model':'m',"
                        + "'rejected_model':'n','annotator':'x'}"),
                Samples.json("{'prompt':'a b','chosen':'c','rejected':'d e f','chosen_model':'m','annotator':'y'}"));
        StatisticsReport report = DataStatistics.of(
                        List.of(Samples.source(path)), ReadOptions.DETECT, text -> text.split(" ").length)
                .files()
                .get(0);
        assertThat(report.sources()).isEqualTo(Map.of("s", 1L));
        assertThat(report.models()).isEqualTo(Map.of("m", 2L, "n", 1L));
        assertThat(report.tokens().get("rejected")).isEqualTo(new StatisticsReport.Lengths(2, 3.0, 3, 3, 3, 3, 3));
        AgreementReport agreement = Objects.requireNonNull(report.agreement());
        assertThat(agreement.agreement().value()).isEqualTo(1.0);
        assertThat(agreement.ceiling().value()).isEqualTo(1.0);
    }

    @Test
    void promptsThatFilesShareAreCounted() {
        Path a = Samples.file(
                directory,
                "a.jsonl",
                Samples.json("{'prompt':'p'}"),
                Samples.json("{'prompt':'q'}"),
                Samples.json("{'prompt':'q'}"));
        Path b = Samples.file(directory, "b.jsonl", Samples.json("{'prompt':'q'}"), Samples.json("{'prompt':'r'}"));
        Path c = Samples.file(
                directory,
                "c.jsonl",
                Samples.json("{'prompt':'q','completion':'1'}"),
                Samples.json("{'prompt':'p','completion':'1'}"));
        DataStatistics.Files files = DataStatistics.of(
                List.of(Samples.source(a), Samples.source(b), Samples.source(c)), ReadOptions.DETECT, null);
        assertThat(files.files()).extracting(StatisticsReport::prompts).containsExactly(2L, 2L, 2L);
        assertThat(files.overlaps())
                .containsExactly(
                        new DataStatistics.Overlap(a.toString(), b.toString(), 1),
                        new DataStatistics.Overlap(a.toString(), c.toString(), 2),
                        new DataStatistics.Overlap(b.toString(), c.toString(), 1));
        assertThat(Json.write(files.figures())).contains("\"prompt_overlap\":[{\"a\":\"");
    }

    @Test
    void conversationsCountTheCharactersOfAllMessages() {
        StatisticsReport report =
                statistics("{'messages':[{'role':'user','content':'123'},{'role':'assistant','content':'45'}]}");
        assertThat(report.lengths().get("text")).isEqualTo(new StatisticsReport.Lengths(1, 5.0, 5, 5, 5, 5, 5));
        assertThat(report.figures()).doesNotContainKeys("longer_chosen", "ranking_sizes", "total_weight");
    }

    @Test
    void theIntervalIsWilsons() {
        WilsonScoreInterval reference = new WilsonScoreInterval();
        Property.forAll(
                draws -> {
                    int n = draws.between(1, 5000);
                    return new Share(n, draws.between(0, n));
                },
                longer -> {
                    ConfidenceInterval expected =
                            reference.createInterval((int) longer.n(), (int) longer.count(), 0.95);
                    assertThat(longer.interval().get(0)).isEqualTo(expected.getLowerBound(), within(1e-9));
                    assertThat(longer.interval().get(1)).isEqualTo(expected.getUpperBound(), within(1e-9));
                });
    }

    @Test
    void withoutPairsTheIntervalIsEverything() {
        Share none = new Share(0, 0);
        assertThat(none.value()).isNaN();
        assertThat(none.interval()).containsExactly(0.0, 1.0);
    }

    @Test
    void percentilesAreExactForShortTextsAndWithinAThousandthForLongOnes() {
        Property.forAll(
                draws -> draws.list(1, 60, d -> d.flip() ? d.between(0, 20_000) : d.between(0, Integer.MAX_VALUE - 1)),
                lengths -> {
                    LengthHistogram histogram = new LengthHistogram();
                    lengths.forEach(histogram::add);
                    StatisticsReport.Lengths summary = histogram.summary();
                    int[] sorted = lengths.stream().mapToInt(i -> i).sorted().toArray();
                    assertThat(summary.min()).isEqualTo(sorted[0]);
                    assertThat(summary.max()).isEqualTo(sorted[sorted.length - 1]);
                    assertThat(summary.mean())
                            .isEqualTo(Arrays.stream(sorted).average().orElseThrow(), within(1e-3));
                    assertNear(summary.p50(), sorted, 50);
                    assertNear(summary.p90(), sorted, 90);
                    assertNear(summary.p99(), sorted, 99);
                });
    }

    /** The nearest-rank percentile of the sorted values. */
    private static void assertNear(int actual, int[] sorted, int percent) {
        int expected = sorted[(int) Math.ceil(sorted.length * (percent / 100.0)) - 1];
        assertThat((double) actual).isEqualTo(expected, within(expected < 16_384 ? 0.0 : expected / 1000.0));
    }

    private StatisticsReport statistics(String... rows) {
        Path path = Samples.file(
                directory, "rows.jsonl", Arrays.stream(rows).map(Samples::json).toArray(String[]::new));
        return DataStatistics.of(Samples.source(path), ReadOptions.DETECT);
    }
}
