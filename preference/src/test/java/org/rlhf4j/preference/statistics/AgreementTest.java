package org.rlhf4j.preference.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.preference.Samples;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.testing.Golden;

class AgreementTest {
    private static final String GOLDEN = "preference/agreement";

    private final Path directory;

    AgreementTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void alphaIsThatOfThePackageAndOfThePaper() {
        for (JsonNode item : Golden.cases(GOLDEN, "alpha")) {
            List<KrippendorffAlpha.Coded> units = new ArrayList<>();
            item.path("counts").forEach(unit -> {
                List<Integer> counts = new ArrayList<>();
                unit.forEach(count -> counts.add(count.asInt()));
                units.add(new KrippendorffAlpha.Coded(counts, 1));
            });
            List<Double> values = new ArrayList<>();
            item.path("values").forEach(value -> values.add(value.doubleValue()));
            for (KrippendorffAlpha.Level level : KrippendorffAlpha.Level.values()) {
                String name = level.name().toLowerCase(Locale.ROOT);
                double alpha = KrippendorffAlpha.of(units, values, level);
                assertThat(alpha)
                        .as(item.path("name").asText() + name)
                        .isEqualTo(item.path(name).doubleValue(), within(1e-12));
                if (item.path("published").has(name)) {
                    assertThat(alpha)
                            .isEqualTo(item.path("published").path(name).doubleValue(), within(5e-4));
                }
            }
        }
    }

    @Test
    void kappaIsThatOfScikitLearn() {
        for (JsonNode item : Golden.cases(GOLDEN, "kappa")) {
            int size = item.path("table").size();
            long[][] table = new long[size][size];
            for (int i = 0; i < size; i++) {
                for (int j = 0; j < size; j++) {
                    table[i][j] = item.path("table").path(i).path(j).asLong();
                }
            }
            for (CohensKappa.Weights weights : CohensKappa.Weights.values()) {
                assertThat(CohensKappa.of(table, weights))
                        .isEqualTo(
                                item.path(weights.name().toLowerCase(Locale.ROOT))
                                        .doubleValue(),
                                within(1e-12));
            }
        }
        assertThat(CohensKappa.of(new long[][] {{5, 0}, {0, 0}}, CohensKappa.Weights.NONE))
                .isNaN();
    }

    @Test
    void judgementsOfTheSameTwoCompletionsAreBroughtTogether() {
        // Three things: all three agree on p; a and b agree on q, c ties; on r only a and c judge and differ.
        AgreementReport report = agreement(
                pair("p", "x", "y", "a"),
                pair("p", "x", "y", "b"),
                "{'prompt':'p','chosen':'y','rejected':'x','probability':0.2,'annotator':'c'}",
                pair("q", "x", "y", "a"),
                pair("q", "x", "y", "b"),
                "{'prompt':'q','chosen':'y','rejected':'x','probability':0.5,'annotator':'c'}",
                pair("r", "x", "y", "a"),
                pair("r", "y", "x", "c"),
                pair("s", "x", "y", "b"),
                "{'prompt':'s','chosen':'x','rejected':'y'}");
        assertThat(report.counts()).isEqualTo(new AgreementReport.Counts(3, 4, 3, 9, 1, 0, 0));
        // Pairs of annotators: 3 of 3 agree on p, 1 of 3 on q, 0 of 1 on r; without ties 3 of 3, 1 of 1, 0 of 1.
        assertThat(report.agreement().value()).isEqualTo(4.0 / 7, within(1e-12));
        assertThat(report.strictAgreement().value()).isEqualTo(4.0 / 5, within(1e-12));
        // 0.8 = q^2 + (1 - q)^2.
        double q = report.ceiling().value();
        assertThat(q * q + (1 - q) * (1 - q)).isEqualTo(0.8, within(1e-12));
        assertThat(q).isGreaterThan(0.5);
        assertThat(report.pairs())
                .extracting(pair -> pair.a() + pair.b() + " " + pair.same().count() + " of "
                        + pair.same().n())
                .containsExactly("ab 2 of 2", "ac 1 of 3", "bc 1 of 2");
        // Of the others most say: on p what each says; on q a and b are alone against each other's tie; on r the other.
        assertThat(report.annotators())
                .extracting(a -> a.name() + " " + a.consensus().count() + " of "
                        + a.consensus().n())
                .containsExactly("a 1 of 2", "b 1 of 1", "c 1 of 3");
    }

    @Test
    void whoJudgesTwiceHasTheJudgementOfMostTimes() {
        AgreementReport report = agreement(
                pair("p", "x", "y", "a"),
                pair("p", "x", "y", "a"),
                pair("p", "y", "x", "a"),
                pair("p", "x", "y", "b"),
                pair("q", "x", "y", "a"),
                pair("q", "y", "x", "a"),
                pair("q", "y", "x", "b"),
                pair("q", "y", "x", "b"));
        assertThat(report.counts().undecided()).isEqualTo(1);
        assertThat(report.counts().shared()).isEqualTo(1);
        assertThat(report.agreement().value()).isEqualTo(1.0);
        assertThat(report.sameAgain()).isEqualTo(new Share(3, 1));
    }

    @Test
    void rankingsJudgeEveryTwoCompletionsAndLabelsOne() {
        AgreementReport rankings = agreement(
                "{'prompt':'p','annotator':'a','completions':[{'text':'x','rank':1},{'text':'y','rank':2},{'text':'z','rank':2}]}",
                "{'prompt':'p','annotator':'b','completions':[{'text':'z','rank':3},{'text':'x','rank':1},{'text':'y','rank':2}]}");
        assertThat(rankings.counts().shared()).isEqualTo(3);
        assertThat(rankings.agreement().value()).isEqualTo(2.0 / 3, within(1e-12));
        assertThat(rankings.strictAgreement().value()).isEqualTo(1.0);
        AgreementReport labels = agreement(
                "{'prompt':'p','completion':'x','label':true,'annotator':'a'}",
                "{'prompt':'p','completion':'x','label':false,'annotator':'b'}");
        assertThat(labels.counts().shared()).isEqualTo(1);
        assertThat(labels.agreement().value()).isZero();
    }

    @Test
    void theOrderOfTheRowsDoesNotChangeTheFigures() {
        List<String> rows = simulated(60, 0.8);
        AgreementReport report = agreement(rows.toArray(String[]::new));
        // Annotators are numbered as they come; only their order may change.
        for (int seed = 0; seed < 5; seed++) {
            List<String> shuffled = new ArrayList<>(rows);
            Collections.shuffle(shuffled, new Random(seed));
            AgreementReport again = agreement(shuffled.toArray(String[]::new));
            assertThat(again.alphaNominal()).isEqualTo(report.alphaNominal());
            assertThat(again.strictAgreement()).isEqualTo(report.strictAgreement());
            assertThat(again.annotators()).containsExactlyInAnyOrderElementsOf(report.annotators());
        }
    }

    @Test
    void theCeilingIsTheAccuracyOfWhoKnowsTheTruth() {
        // Annotators who are right four times of five, each on his own: the truth agrees with 80 % of their labels.
        AgreementReport report = agreement(simulated(2000, 0.8).toArray(String[]::new));
        assertThat(report.ceiling().value()).isEqualTo(0.8, within(0.02));
        assertThat(report.ceiling().low()).isBetween(0.76, 0.80);
        assertThat(report.ceiling().high()).isBetween(0.80, 0.84);
        assertThat(report.alphaNominal().value()).isEqualTo(0.36, within(0.04));
    }

    @Test
    void rowsWithoutAnnotatorsAreExplained() {
        assertThatThrownBy(() -> agreement("{'prompt':'p','chosen':'x','rejected':'y'}"))
                .hasMessageContaining("no row says who judged it (the field \"annotator\"");
        assertThatThrownBy(() -> agreement("{'prompt':'p'}")).hasMessageContaining("nothing is judged");
        AgreementReport anonymous = new DataAgreement(true, 50, 1)
                .run(
                        List.of(Samples.source(Samples.file(
                                directory,
                                "anonymous.jsonl",
                                Samples.json("{'prompt':'p','chosen':'x','rejected':'y'}"),
                                Samples.json("{'prompt':'p','chosen':'x','rejected':'y'}")))),
                        ReadOptions.DETECT)
                .report();
        assertThat(anonymous.counts().annotators()).isEqualTo(2);
        assertThat(anonymous.agreement().value()).isEqualTo(1.0);
    }

    @Test
    @Timeout(60)
    void manyAnnotatorsOfOneThingAreComparedUpToTheMost() {
        String[] rows = new String[20_000];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = pair("p", i % 2 == 0 ? "x" : "y", i % 2 == 0 ? "y" : "x", "a" + i);
        }
        AgreementReport report = agreement(rows);
        assertThat(report.pairs()).hasSize(AgreementMeter.MOST_PAIRS);
        assertThat(report.counts().pairsLeftOut()).isEqualTo(20_000L * 19_999 / 2 - AgreementMeter.MOST_PAIRS);
        // The first with all others in their order: a1 differs, a2 agrees.
        assertThat(report.pairs().subList(0, 2))
                .extracting(pair -> pair.a() + pair.b() + " " + pair.same().count() + " of "
                        + pair.same().n())
                .containsExactly("a0a1 0 of 1", "a0a2 1 of 1");

        AgreementReport anonymous = new DataAgreement(true, 50, 1)
                .run(
                        List.of(Samples.source(Samples.file(
                                directory,
                                "anonymous.jsonl",
                                Arrays.stream(rows)
                                        .map(row -> Samples.json(row.replaceAll(",'annotator':'a[0-9]*'", "")))
                                        .toArray(String[]::new)))),
                        ReadOptions.DETECT)
                .report();
        assertThat(anonymous.counts().annotators()).isEqualTo(20_000);
        assertThat(anonymous.counts().pairsLeftOut()).isZero();
        assertThat(anonymous.agreement().value()).isEqualTo(9_999.0 / 19_999, within(1e-12));
    }

    @Test
    void knownPairsAreCountedOnceThereIsNoRoomForMore() {
        // 92 annotators have 4186 pairs, 90 too many, on p as on q; on r the first three judge again.
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 92; i++) {
            rows.add(pair("p", "x", "y", "a" + i));
            rows.add(pair("q", "x", "y", "a" + i));
        }
        for (int i = 0; i < 3; i++) {
            rows.add(pair("r", "x", "y", "a" + i));
        }
        AgreementReport report = agreement(rows.toArray(String[]::new));
        assertThat(report.pairs().stream().mapToLong(pair -> pair.same().n()).sum())
                .isEqualTo(2 * AgreementMeter.MOST_PAIRS + 3);
        assertThat(report.counts().pairsLeftOut()).isEqualTo(2 * 90);
    }

    private static List<String> simulated(int units, double right) {
        List<String> rows = new ArrayList<>();
        SeededStream random = SeededStream.of(3);
        for (int unit = 0; unit < units; unit++) {
            boolean truth = random.nextInt(2) == 0;
            for (String annotator : List.of("a", "b", "c")) {
                boolean first = random.nextDouble() < right == truth;
                rows.add(pair("p" + unit, first ? "x" : "y", first ? "y" : "x", annotator));
            }
        }
        return rows;
    }

    private static String pair(String prompt, String chosen, String rejected, String annotator) {
        return "{'prompt':'" + prompt + "','chosen':'" + chosen + "','rejected':'" + rejected + "','annotator':'"
                + annotator + "'}";
    }

    private AgreementReport agreement(String... rows) {
        Path path = Samples.file(
                directory, "rows.jsonl", Arrays.stream(rows).map(Samples::json).toArray(String[]::new));
        return new DataAgreement(false, 200, 1)
                .run(List.of(Samples.source(path)), ReadOptions.DETECT)
                .report();
    }
}
