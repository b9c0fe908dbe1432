package org.rlhf4j.preference.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.testing.Golden;

class StrengthEstimationTest {
    private static final String GOLDEN = "preference/rank";

    @Test
    void strengthsAreThoseOfOtherImplementations() {
        for (JsonNode item : Golden.cases(GOLDEN, "cases")) {
            Strengths strengths = estimate(item);
            // Newton's tolerance is 1e-10; the reference's own end is at about 1e-9.
            assertThat(strengths.items())
                    .as(item.path("name").asText())
                    .allSatisfy(s -> assertThat(s.logStrength())
                            .isEqualTo(
                                    item.path("strengths").path(index(item, s)).doubleValue(), within(2e-7)));
            item.path("ties")
                    .properties()
                    .forEach(tie -> assertThat(strengths.ties().get(Integer.valueOf(tie.getKey())))
                            .isEqualTo(tie.getValue().doubleValue(), within(1e-6)));
            if (item.has("log_likelihood")) {
                assertThat(strengths.logLikelihood())
                        .isEqualTo(item.path("log_likelihood").doubleValue(), within(1e-6));
            }
        }
    }

    @Test
    void standardErrorsAreThoseOfTheObservedInformation() {
        int compared = 0;
        for (JsonNode item : Golden.cases(GOLDEN, "cases")) {
            if (item.has("standard_errors")) {
                for (Strengths.Strength s : estimate(item).items()) {
                    assertThat(s.standardError())
                            .isEqualTo(
                                    item.path("standard_errors")
                                            .path(index(item, s))
                                            .doubleValue(),
                                    within(1e-5));
                    assertThat(s.high() - s.low()).isEqualTo(2 * 1.959963984540054 * s.standardError(), within(1e-12));
                    compared++;
                }
            }
        }
        assertThat(compared).isEqualTo(7 + 6 + 6 + 6);
    }

    @Test
    void baseballAndPuddingAreAsPublished() {
        JsonNode baseball = Golden.cases(GOLDEN, "cases").get(0);
        Strengths agresti = estimate(baseball);
        double baltimore = agresti.items().get(index(agresti, "Baltimore")).logStrength();
        baseball.path("published")
                .path("strengths")
                .properties()
                .forEach(team -> assertThat(agresti.items()
                                        .get(index(agresti, team.getKey()))
                                        .logStrength()
                                - baltimore)
                        .isEqualTo(team.getValue().doubleValue(), within(0.005)));

        // Davidson stopped after seven rounds of his iteration, two ten-thousandths before the maximum.
        JsonNode pudding = Golden.cases(GOLDEN, "cases").get(1);
        JsonNode published = pudding.path("published");
        Strengths davidson = estimate(pudding);
        for (Strengths.Strength s : davidson.items()) {
            assertThat(s.logStrength())
                    .isEqualTo(published.path("strengths").path(s.item()).doubleValue(), within(2e-4));
            assertThat(s.standardError())
                    .isEqualTo(
                            published
                                    .path("standard_errors")
                                    .path(index(pudding, s))
                                    .doubleValue(),
                            within(2e-5));
        }
        assertThat(davidson.ties().get(2)).isEqualTo(0.7468147, within(2e-5));
    }

    @Test
    void pseudoRankingsGiveItemsThatNeverWinAStrength() {
        // PlackettLuce's vignette, "Disconnected networks": D only loses; pseudo-rankings of weight 0.5.
        ComparisonTable table = wins("A>B", "C>A", "A>D", "B>A", "B>C");
        Strengths strengths = new StrengthEstimation(RankMethod.PLACKETT_LUCE, 0.5, 0, 1).of(table);
        double a = strengths.items().get(index(strengths, "A")).logStrength();
        Map.of("B", 0.5184185, "C", 0.1354707, "D", -1.1537565)
                .forEach((item, expected) -> assertThat(
                                strengths.items().get(index(strengths, item)).logStrength() - a)
                        .isEqualTo(expected, within(1e-5)));
        assertThatThrownBy(() -> plain(RankMethod.PLACKETT_LUCE, table))
                .isInstanceOf(DataFormatException.class)
                .hasMessage("the comparisons do not tie all items together, so strengths are not defined (never lost"
                        + " against the rest: \"A\", \"B\", \"C\"; never won against the rest: \"D\"); compare more,"
                        + " leave these out, or give a prior (--prior 0.5)");
        // The vignette again, without D.
        Strengths three = plain(RankMethod.PLACKETT_LUCE, wins("A>B", "C>A", "B>A", "B>C"));
        double first = three.items().get(0).logStrength();
        assertThat(three.items().get(1).logStrength() - first).isEqualTo(0.8392, within(5e-5));
        assertThat(three.items().get(2).logStrength() - first).isEqualTo(0.4196, within(5e-5));
    }

    @Test
    void twoItemsHaveTheLogOddsOfTheirWins() {
        // 30 wins to 10: beta_1 - beta_2 = ln 3, whose standard error is sqrt(1/30 + 1/10); each has half of both.
        ComparisonTable.Builder builder = new ComparisonTable.Builder();
        builder.add(List.of(List.of("a"), List.of("b")), 30).add(List.of(List.of("b"), List.of("a")), 10);
        for (RankMethod method : RankMethod.values()) {
            Strengths strengths = plain(method, builder.build());
            Strengths.Strength a = strengths.items().get(0);
            assertThat(a.logStrength()).isEqualTo(Math.log(3) / 2, within(1e-10));
            assertThat(a.standardError()).isEqualTo(Math.sqrt(1.0 / 30 + 1.0 / 10) / 2, within(1e-10));
            assertThat(strengths.winProbability(0, 1)).isEqualTo(0.75, within(1e-10));
            assertThat(strengths.tieProbability(0, 1)).isZero();
            assertThat(strengths.logLikelihood()).isEqualTo(30 * Math.log(0.75) + 10 * Math.log(0.25), within(1e-9));
        }
    }

    @Test
    void twoItemsWithTiesHaveTheSharesThatWereSeen() {
        // Both models of ties have as many parameters as two items have shares, so they give the shares back.
        ComparisonTable.Builder builder = new ComparisonTable.Builder();
        builder.add(List.of(List.of("a"), List.of("b")), 50)
                .add(List.of(List.of("b"), List.of("a")), 20)
                .add(List.of(List.of("b", "a")), 30);
        for (RankMethod method : List.of(RankMethod.DAVIDSON, RankMethod.RAO_KUPPER, RankMethod.PLACKETT_LUCE)) {
            Strengths strengths = plain(method, builder.build());
            assertThat(strengths.winProbability(0, 1)).isEqualTo(0.5, within(1e-9));
            assertThat(strengths.winProbability(1, 0)).isEqualTo(0.2, within(1e-9));
            assertThat(strengths.tieProbability(0, 1)).isEqualTo(0.3, within(1e-9));
        }
        assertThat(plain(RankMethod.BRADLEY_TERRY, builder.build()).winProbability(0, 1))
                .isEqualTo(0.65, within(1e-10));
    }

    @Test
    void tiesAloneAreRefusedWhereTheyAreModelled() {
        ComparisonTable ties = new ComparisonTable.Builder()
                .add(List.of(List.of("a", "b")), 1)
                .add(List.of(List.of("b", "c")), 1)
                .build();
        assertThatThrownBy(() -> plain(RankMethod.DAVIDSON, ties))
                .hasMessage("every comparison of 2 or more is a tie of 2, so nothing tells how rare ties are;"
                        + " bradley-terry takes ties as half-wins");
        assertThat(plain(RankMethod.BRADLEY_TERRY, ties).items())
                .allSatisfy(s -> assertThat(s.logStrength()).isZero());
    }

    @Test
    void groupsThatWereNeverComparedAreNamed() {
        assertThatThrownBy(() -> plain(RankMethod.BRADLEY_TERRY, wins("a>b", "b>a", "c>d", "d>c")))
                .hasMessageContaining("(never compared with the rest: \"a\", \"b\", \"c\" and 1 more)");
    }

    @Test
    void aTieJoinsItsItemsWhereSomethingIsWonInACircle() {
        ComparisonTable table = new ComparisonTable.Builder()
                .add(List.of(List.of("a"), List.of("b")), 1)
                .add(List.of(List.of("b"), List.of("a")), 1)
                .add(List.of(List.of("b", "c")), 1)
                .build();
        Strengths strengths = plain(RankMethod.DAVIDSON, table);
        assertThat(strengths.items().get(2).logStrength())
                .isEqualTo(strengths.items().get(0).logStrength(), within(1e-6));
    }

    @Test
    void weightsAreRepetitions() {
        ComparisonTable.Builder weighted = new ComparisonTable.Builder();
        ComparisonTable.Builder repeated = new ComparisonTable.Builder();
        List<List<List<String>>> rankings = List.of(
                List.of(List.of("a"), List.of("b", "c")),
                List.of(List.of("c"), List.of("a"), List.of("b")),
                List.of(List.of("b"), List.of("a", "c")),
                List.of(List.of("b"), List.of("c")));
        for (int i = 0; i < rankings.size(); i++) {
            weighted.add(rankings.get(i), i + 1);
            for (int j = 0; j <= i; j++) {
                repeated.add(rankings.get(i), 1);
            }
        }
        for (RankMethod method : RankMethod.values()) {
            List<Strengths.Strength> once = plain(method, weighted.build()).items();
            List<Strengths.Strength> often = plain(method, repeated.build()).items();
            for (int i = 0; i < 3; i++) {
                assertThat(once.get(i).logStrength()).isEqualTo(often.get(i).logStrength(), within(1e-9));
                assertThat(once.get(i).standardError()).isEqualTo(often.get(i).standardError(), within(1e-9));
            }
        }
    }

    @Test
    void bradleyTerryRecoversKnownStrengthsWithinTheirIntervals() {
        // 1000 seeds; of one interval each, 950 should hold the truth: 3.3 standard deviations of that are 23.
        double[] truth = {1.2, 0.6, 0.1, -0.3, -0.6, -1.0};
        int covered = 0;
        for (int seed = 0; seed < 1000; seed++) {
            ComparisonTable table = simulated(truth, 400, SeededStream.of(seed, "coverage"));
            int item = seed % truth.length;
            for (Strengths.Strength s : plain(RankMethod.BRADLEY_TERRY, table).items()) {
                if (s.item().equals("m" + item)) {
                    covered += s.low() <= truth[item] && truth[item] <= s.high() ? 1 : 0;
                }
            }
        }
        assertThat(covered).isBetween(927, 973);
    }

    @Test
    void bootstrapIntervalsCoverTheTruthAsOften() {
        // 200 seeds: 190 expected, 3.3 standard deviations are 10.
        double[] truth = {0.8, 0.2, -0.2, -0.8};
        int covered = 0;
        for (int seed = 0; seed < 200; seed++) {
            ComparisonTable table = simulated(truth, 300, SeededStream.of(seed, "bootstrap coverage"));
            int item = seed % truth.length;
            for (Strengths.Strength s : new StrengthEstimation(RankMethod.BRADLEY_TERRY, 0, 200, seed)
                    .of(table)
                    .items()) {
                if (s.item().equals("m" + item)) {
                    covered += s.low() <= truth[item] && truth[item] <= s.high() ? 1 : 0;
                }
            }
        }
        assertThat(covered).isBetween(180, 200);
    }

    @Test
    void theBootstrapIsTheSameForASeedAndKnowsClusters() {
        ComparisonTable.Builder single = new ComparisonTable.Builder();
        ComparisonTable.Builder clustered = new ComparisonTable.Builder();
        SeededStream random = SeededStream.of(5);
        for (int i = 0; i < 600; i++) {
            List<List<String>> levels = random.nextDouble() < 0.6
                    ? List.of(List.of("a"), List.of("b"))
                    : List.of(List.of("b"), List.of("a"));
            single.add(levels, 1);
            // Every judgement four times over: a quarter of the information that it seems to be.
            for (int copy = 0; copy < 4; copy++) {
                clustered.addToCluster(levels, 1, i);
            }
        }
        StrengthEstimation estimation = new StrengthEstimation(RankMethod.BRADLEY_TERRY, 0, 400, 3);
        Strengths once = estimation.of(single.build());
        assertThat(estimation.of(single.build())).isEqualTo(once);
        Strengths four = estimation.of(clustered.build());
        assertThat(four.items().get(0).low()).isEqualTo(once.items().get(0).low(), within(1e-9));
        assertThat(four.items().get(0).standardError())
                .isEqualTo(once.items().get(0).standardError() / 2, within(1e-9));
        // The percentiles of the one agree with its information.
        assertThat(once.items().get(0).high() - once.items().get(0).low())
                .isEqualTo(2 * 1.96 * once.items().get(0).standardError(), within(0.03));
    }

    @Test
    void aBootstrapOfTooFewIsRefused() {
        assertThatThrownBy(() -> new StrengthEstimation(RankMethod.BRADLEY_TERRY, 0, 100, 3).of(wins("a>b", "b>a")))
                .hasMessageContaining("of 100 resamples leave items that only won, only lost");
        Strengths calm = new StrengthEstimation(RankMethod.BRADLEY_TERRY, 0.5, 100, 3).of(wins("a>b", "b>a"));
        assertThat(calm.resamples()).isEqualTo(100);
    }

    @Test
    void theLeaderboardRanksByOverlapOfIntervals() {
        ComparisonTable.Builder builder = new ComparisonTable.Builder();
        builder.add(List.of(List.of("a"), List.of("b")), 52)
                .add(List.of(List.of("b"), List.of("a")), 48)
                .add(List.of(List.of("a"), List.of("c")), 90)
                .add(List.of(List.of("c"), List.of("b")), 10)
                .add(List.of(List.of("b"), List.of("c")), 90)
                .add(List.of(List.of("c"), List.of("a")), 10);
        Leaderboard board = Leaderboard.of(plain(RankMethod.BRADLEY_TERRY, builder.build()));
        assertThat(board.rows())
                .extracting(row -> row.strength().item() + row.bestRank() + row.worstRank())
                .containsExactly("a12", "b12", "c33");
        // Odds of ten to one are 400 points, and the mean is 1000.
        Leaderboard.Row a = board.rows().get(0);
        assertThat(a.rating()).isEqualTo(1000 + 400 * a.strength().logStrength() / Math.log(10), within(1e-9));
        assertThat(board.rows().stream().mapToDouble(Leaderboard.Row::rating).sum())
                .isEqualTo(3000, within(1e-6));
    }

    private static Strengths plain(RankMethod method, ComparisonTable table) {
        return new StrengthEstimation(method, 0, 0, 1).of(table);
    }

    private static ComparisonTable wins(String... wins) {
        ComparisonTable.Builder builder = new ComparisonTable.Builder();
        for (String win : wins) {
            String[] sides = win.split(">", -1);
            builder.add(List.of(List.of(sides[0]), List.of(sides[1])), 1);
        }
        return builder.build();
    }

    private static ComparisonTable simulated(double[] truth, int comparisons, SeededStream random) {
        ComparisonTable.Builder builder = new ComparisonTable.Builder();
        for (int n = 0; n < comparisons; n++) {
            int i = random.nextInt(truth.length);
            int j = (i + 1 + random.nextInt(truth.length - 1)) % truth.length;
            boolean wins = random.nextDouble() < 1 / (1 + Math.exp(truth[j] - truth[i]));
            builder.add(List.of(List.of("m" + (wins ? i : j)), List.of("m" + (wins ? j : i))), 1);
        }
        return builder.build();
    }

    private static Strengths estimate(JsonNode item) {
        ComparisonTable.Builder builder = new ComparisonTable.Builder();
        for (JsonNode outcome : item.path("outcomes")) {
            List<List<String>> levels = new ArrayList<>();
            for (JsonNode level : outcome.path(0)) {
                List<String> names = new ArrayList<>();
                level.forEach(i -> names.add(item.path("items").path(i.asInt()).asText()));
                levels.add(names);
            }
            builder.add(levels, outcome.path(1).doubleValue());
        }
        return plain(RankMethod.named(item.path("method").asText()), builder.build());
    }

    private static int index(JsonNode item, Strengths.Strength strength) {
        for (int i = 0; i < item.path("items").size(); i++) {
            if (item.path("items").path(i).asText().equals(strength.item())) {
                return i;
            }
        }
        throw new AssertionError(strength.item());
    }

    private static int index(Strengths strengths, String item) {
        for (int i = 0; i < strengths.items().size(); i++) {
            if (strengths.items().get(i).item().equals(item)) {
                return i;
            }
        }
        throw new AssertionError(item);
    }
}
