package org.rlhf4j.preference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.testing.Draws;
import org.rlhf4j.testing.Property;

class RankingPairsTest {
    /** "A is second, B is first, C is third." */
    private static final Ranking ARTICLE = ranking(Map.of("A", 2, "B", 1, "C", 3));

    @Test
    void theArticlesRankingGivesItsThreePairs() {
        assertThat(read(new RankingPairs(PairStrategy.ALL, TiePolicy.DROP), ARTICLE))
                .containsExactly("B>A", "A>C", "B>C");
    }

    @Test
    void eachStrategySelectsItsPairsOfFour() {
        Ranking four = Ranking.of("p", List.of("a", "b", "c", "d"));
        assertThat(read(new RankingPairs(PairStrategy.ALL, TiePolicy.DROP), four))
                .containsExactly("a>b", "b>c", "c>d", "a>c", "b>d", "a>d");
        assertThat(read(new RankingPairs(PairStrategy.ADJACENT, TiePolicy.DROP), four))
                .containsExactly("a>b", "b>c", "c>d");
        assertThat(read(new RankingPairs(PairStrategy.BEST_VS_REST, TiePolicy.DROP), four))
                .containsExactly("a>b", "a>c", "a>d");
        assertThat(read(new RankingPairs(PairStrategy.BEST_VS_WORST, TiePolicy.DROP), four))
                .containsExactly("a>d");
    }

    @Test
    void tiedLevelsAreComparedAsWholes() {
        // a alone on top, b and c tied, d last: three levels.
        Ranking tied = ranking(new TreeMap<>(Map.of("a", 1, "b", 2, "c", 2, "d", 5)));
        assertThat(read(new RankingPairs(PairStrategy.ALL, TiePolicy.DROP), tied))
                .containsExactly("a>b", "a>c", "b>d", "c>d", "a>d");
        assertThat(read(new RankingPairs(PairStrategy.ALL, TiePolicy.KEEP), tied))
                .containsExactly("b=c", "a>b", "a>c", "b>d", "c>d", "a>d");
        assertThat(read(new RankingPairs(PairStrategy.ADJACENT, TiePolicy.KEEP), tied))
                .containsExactly("b=c", "a>b", "a>c", "b>d", "c>d");
        assertThat(read(new RankingPairs(PairStrategy.BEST_VS_REST, TiePolicy.KEEP), tied))
                .containsExactly("a>b", "a>c", "a>d");
        assertThat(read(new RankingPairs(PairStrategy.BEST_VS_WORST, TiePolicy.KEEP), tied))
                .containsExactly("a>d");
    }

    @Test
    void aRankingOfTiesAloneGivesNothingOrItsTies() {
        Ranking level = ranking(new TreeMap<>(Map.of("a", 1, "b", 1, "c", 1)));
        for (PairStrategy strategy : PairStrategy.values()) {
            RankingPairs drop = new RankingPairs(strategy, TiePolicy.DROP, PairWeights.PER_PROMPT);
            assertThat(drop.of(level)).isEmpty();
            assertThat(drop.droppedTies(level)).isEqualTo(3);
            RankingPairs keep = new RankingPairs(strategy, TiePolicy.KEEP, PairWeights.PER_PROMPT);
            assertThat(read(keep, level)).containsExactly("a=b", "a=c", "b=c");
            assertThat(keep.of(level)).allMatch(pair -> pair.isTie() && pair.weight() == 1.0 / 3);
        }
    }

    @Test
    void pairsCarryTheirRankingsNames() {
        Ranking named = new Ranking(
                Content.of("p"),
                List.of(RankedCompletion.of("worse", 2), RankedCompletion.of("better", 1)),
                new Origin("r7", "survey", "ann"));
        assertThat(new RankingPairs(PairStrategy.ALL, TiePolicy.DROP).of(named))
                .containsExactly(new PreferencePair(
                        Content.of("p"),
                        Content.of("better"),
                        Content.of("worse"),
                        null,
                        null,
                        1.0,
                        null,
                        null,
                        new Origin("r7/1", "survey", "ann")));
    }

    @Test
    void countsAreThoseOfTheRanking() {
        Property.forAll(RankingPairsTest::anyRanking, ranking -> {
            List<Integer> sizes = ranking.levels().stream().map(List::size).toList();
            long k = ranking.completions().size();
            long tied = sizes.stream().mapToLong(n -> n * (n - 1L) / 2).sum();
            assertThat(pairs(PairStrategy.ALL, TiePolicy.DROP, ranking)).hasSize((int) (k * (k - 1) / 2 - tied));
            assertThat(pairs(PairStrategy.ALL, TiePolicy.KEEP, ranking)).hasSize((int) (k * (k - 1) / 2));
            long adjacent = 0;
            for (int i = 1; i < sizes.size(); i++) {
                adjacent += (long) sizes.get(i - 1) * sizes.get(i);
            }
            assertThat(pairs(PairStrategy.ADJACENT, TiePolicy.DROP, ranking)).hasSize((int) adjacent);
            long best = sizes.get(0);
            assertThat(pairs(PairStrategy.BEST_VS_REST, TiePolicy.DROP, ranking))
                    .hasSize((int) (best * (k - best)));
            long worst = sizes.size() == 1 ? 0 : sizes.get(sizes.size() - 1);
            assertThat(pairs(PairStrategy.BEST_VS_WORST, TiePolicy.DROP, ranking))
                    .hasSize((int) (best * worst));
        });
    }

    @Test
    void everyPairAgreesWithTheRanks() {
        Property.forAll(RankingPairsTest::anyRanking, ranking -> {
            for (PairStrategy strategy : PairStrategy.values()) {
                for (PreferencePair pair : pairs(strategy, TiePolicy.KEEP, ranking)) {
                    int chosen = level(ranking, pair.chosen());
                    int rejected = level(ranking, pair.rejected());
                    assertThat(pair.isTie()).isEqualTo(chosen == rejected);
                    assertThat(chosen).isLessThanOrEqualTo(rejected);
                }
            }
        });
    }

    @Test
    void adjacentPairsGiveTheRestByTransitivity() {
        Property.forAll(RankingPairsTest::anyRanking, ranking -> {
            Set<String> known = new HashSet<>(read(new RankingPairs(PairStrategy.ADJACENT, TiePolicy.DROP), ranking));
            boolean grew = true;
            while (grew) {
                Set<String> next = new HashSet<>(known);
                for (String a : known) {
                    for (String b : known) {
                        String[] left = a.split(">", -1);
                        String[] right = b.split(">", -1);
                        if (left[1].equals(right[0])) {
                            next.add(left[0] + ">" + right[1]);
                        }
                    }
                }
                grew = next.size() > known.size();
                known = next;
            }
            assertThat(known)
                    .containsExactlyInAnyOrderElementsOf(
                            read(new RankingPairs(PairStrategy.ALL, TiePolicy.DROP), ranking));
        });
    }

    @Test
    void theOrderInTheDataDoesNotMatter() {
        Property.forAll(RankingPairsTest::anyRanking, ranking -> {
            List<RankedCompletion> shuffled = new ArrayList<>(ranking.completions());
            Collections.shuffle(shuffled, new Random(shuffled.size()));
            Ranking other = new Ranking(ranking.prompt(), shuffled, Origin.NONE);
            for (PairStrategy strategy : PairStrategy.values()) {
                RankingPairs maker = new RankingPairs(strategy, TiePolicy.DROP);
                assertThat(read(maker, other)).containsExactlyInAnyOrderElementsOf(read(maker, ranking));
            }
        });
    }

    @Test
    void pairsGiveTheRankingBack() {
        // A completion stands as many levels below the best as there are different levels that it loses to.
        Property.forAll(RankingPairsTest::anyRanking, ranking -> {
            List<PreferencePair> pairs = pairs(PairStrategy.ALL, TiePolicy.DROP, ranking);
            for (RankedCompletion completion : ranking.completions()) {
                long losesTo = pairs.stream()
                        .filter(pair -> pair.rejected().equals(completion.text()))
                        .map(pair -> level(ranking, pair.chosen()))
                        .distinct()
                        .count();
                assertThat(losesTo).isEqualTo(level(ranking, completion.text()));
            }
        });
    }

    @Test
    void perPromptWeightsSumToOneForEveryRanking() {
        Property.forAll(RankingPairsTest::anyRanking, ranking -> {
            for (PairStrategy strategy : PairStrategy.values()) {
                List<PreferencePair> pairs =
                        new RankingPairs(strategy, TiePolicy.KEEP, PairWeights.PER_PROMPT).of(ranking);
                assertThat(pairs.stream().mapToDouble(PreferencePair::weight).sum())
                        .isEqualTo(1.0, within(1e-12));
            }
        });
    }

    @Test
    void droppedAndKeptTiesAreTheSamePairs() {
        Property.forAll(RankingPairsTest::anyRanking, ranking -> {
            for (PairStrategy strategy : PairStrategy.values()) {
                long kept = pairs(strategy, TiePolicy.KEEP, ranking).stream()
                        .filter(PreferencePair::isTie)
                        .count();
                assertThat(new RankingPairs(strategy, TiePolicy.DROP).droppedTies(ranking))
                        .isEqualTo(kept);
                assertThat(new RankingPairs(strategy, TiePolicy.KEEP).droppedTies(ranking))
                        .isZero();
            }
        });
    }

    @Test
    void aMistypedStrategyIsAnsweredWithTheNearest() {
        assertThat(PairStrategy.named("best-vs-rest")).isEqualTo(PairStrategy.BEST_VS_REST);
        assertThatThrownBy(() -> PairStrategy.named("best-vs-wurst"))
                .isInstanceOf(DataFormatException.class)
                .hasMessage("unknown pair strategy \"best-vs-wurst\", did you mean \"best-vs-worst\"? "
                        + "(known: all, adjacent, best-vs-rest, best-vs-worst)");
    }

    private static Ranking anyRanking(Draws draws) {
        List<Integer> ranks = draws.list(2, 8, d -> d.between(1, 5));
        List<RankedCompletion> completions = new ArrayList<>();
        for (int rank : ranks) {
            completions.add(RankedCompletion.of("c" + completions.size(), rank));
        }
        return new Ranking(Content.of("p"), completions, Origin.NONE);
    }

    private static Ranking ranking(Map<String, Integer> ranks) {
        List<RankedCompletion> completions = new ArrayList<>();
        ranks.forEach((text, rank) -> completions.add(RankedCompletion.of(text, rank)));
        return new Ranking(Content.of("p"), completions, Origin.NONE);
    }

    /** How many levels are better. */
    private static int level(Ranking ranking, Content text) {
        List<List<RankedCompletion>> levels = ranking.levels();
        return IntStream.range(0, levels.size())
                .filter(i -> levels.get(i).stream().anyMatch(c -> c.text().equals(text)))
                .findFirst()
                .orElseThrow();
    }

    private static List<PreferencePair> pairs(PairStrategy strategy, TiePolicy ties, Ranking ranking) {
        return new RankingPairs(strategy, ties).of(ranking);
    }

    private static List<String> read(RankingPairs maker, Ranking ranking) {
        return maker.of(ranking).stream()
                .map(pair -> text(pair.chosen()) + (pair.isTie() ? "=" : ">") + text(pair.rejected()))
                .toList();
    }

    private static String text(Content content) {
        return ((Content.Text) content).text();
    }
}
