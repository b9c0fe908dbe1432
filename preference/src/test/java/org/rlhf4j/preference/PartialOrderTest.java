package org.rlhf4j.preference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.PartialOrder.Preference;
import org.rlhf4j.preference.check.CheckReport;
import org.rlhf4j.preference.check.DataCheck;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.testing.Draws;
import org.rlhf4j.testing.Property;

class PartialOrderTest {
    private final Path directory;

    PartialOrderTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void eachStrategySelectsItsPairsOfAnOrder() {
        // a > b > c and d > c > e, with a > c said although it follows; f is compared with nothing.
        PartialOrder order = order(6, 0, 1, 1, 2, 3, 2, 2, 4, 0, 2);
        assertThat(read(PairStrategy.ALL, order))
                .containsExactly("0>1", "3>2", "1>2", "2>4", "0>2", "3>4", "1>4", "0>4");
        assertThat(read(PairStrategy.ADJACENT, order)).containsExactly("0>1", "3>2", "1>2", "2>4");
        assertThat(read(PairStrategy.BEST_VS_REST, order)).containsExactly("0>1", "3>2", "0>2", "3>4", "0>4");
        assertThat(read(PairStrategy.BEST_VS_WORST, order)).containsExactly("3>4", "0>4");
        assertThat(order.maximal().stream()).containsExactly(0, 3, 5);
        assertThat(order.bestFirst()).containsExactly(0, 3, 5, 1, 2, 4);
    }

    @Test
    void aChainGivesThePairsOfItsRanking() {
        PartialOrder chain = new PartialOrder(
                Content.of("p"),
                completions(4).stream()
                        .map(c -> new PartialOrder.Completion(c.text(), null))
                        .toList(),
                order(4, 0, 1, 1, 2, 2, 3).preferences(),
                Origin.NONE);
        Ranking ranking = Ranking.of("p", List.of("0", "1", "2", "3"));
        for (PairStrategy strategy : PairStrategy.values()) {
            RankingPairs pairs = new RankingPairs(strategy, TiePolicy.DROP, PairWeights.PER_PROMPT);
            assertThat(pairs.of(chain)).isEqualTo(pairs.of(ranking));
        }
    }

    @Test
    void pairsOfEveryStrategyThatKeepsTheOrderGiveItBack() {
        Property.forAll(PartialOrderTest::anyOrder, order -> {
            Set<String> closure = new HashSet<>(read(PairStrategy.ALL, order));
            assertThat(transitive(read(PairStrategy.ALL, order))).isEqualTo(closure);
            assertThat(transitive(read(PairStrategy.ADJACENT, order))).isEqualTo(closure);
            Set<String> said = order.preferences().stream()
                    .map(p -> p.better() + ">" + p.worse())
                    .collect(Collectors.toSet());
            assertThat(transitive(List.copyOf(said))).isEqualTo(closure);
        });
    }

    @Test
    void aRankingAsAPartialOrderGivesItsOwnPairs() {
        // Every completion over every one of a worse rank: levels are antichains.
        Property.forAll(draws -> draws.list(2, 7, d -> d.between(1, 4)), ranks -> {
            List<RankedCompletion> completions = new ArrayList<>();
            List<Integer> preferences = new ArrayList<>();
            for (int i = 0; i < ranks.size(); i++) {
                completions.add(RankedCompletion.of(String.valueOf(i), ranks.get(i)));
                for (int j = 0; j < ranks.size(); j++) {
                    if (ranks.get(i) < ranks.get(j)) {
                        preferences.addAll(List.of(i, j));
                    }
                }
            }
            Ranking ranking = new Ranking(Content.of("p"), completions, Origin.NONE);
            if (preferences.isEmpty()) {
                return;
            }
            PartialOrder order =
                    order(ranks.size(), preferences.stream().mapToInt(i -> i).toArray());
            for (PairStrategy strategy : PairStrategy.values()) {
                assertThat(read(strategy, order))
                        .containsExactlyInAnyOrderElementsOf(new RankingPairs(strategy, TiePolicy.DROP)
                                .of(ranking).stream()
                                        .map(PartialOrderTest::name)
                                        .toList());
            }
        });
    }

    @Test
    void perPromptWeightsSumToOne() {
        Property.forAll(PartialOrderTest::anyOrder, order -> {
            for (PairStrategy strategy : PairStrategy.values()) {
                List<PreferencePair> pairs =
                        new RankingPairs(strategy, TiePolicy.KEEP, PairWeights.PER_PROMPT).of(order);
                assertThat(pairs.stream().mapToDouble(PreferencePair::weight).sum())
                        .isEqualTo(1.0, within(1e-12));
            }
        });
    }

    @Test
    void whatIsWrittenIsReadBack() {
        Property.forAll(
                50,
                PartialOrderTest::anyOrder,
                order -> assertThat(Samples.rows(Samples.file(
                                directory, "orders.jsonl", order.toJson().toString())))
                        .containsExactly(order));
    }

    @Test
    void aCycleIsRefusedWithItsCompletions() {
        assertThatThrownBy(() -> order(4, 3, 1, 1, 2, 2, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("preferences form a cycle: 1 > 2 > 3 > 1; a partial order has none");
        assertThatThrownBy(() -> order(2, 1, 1)).hasMessageContaining("a cycle: 1 > 1;");
    }

    @Test
    void rowsThatAreNoPartialOrderAreRefusedWithTheReason() {
        CheckReport report = DataCheck.check(
                List.of(Samples.source(Samples.file(
                        directory,
                        "bad.jsonl",
                        Samples.json("{'prompt':'p','completions':[{'text':'a'},{'text':'b'}],'preferences':[[0,1]]}"),
                        Samples.json("{'prompt':'q','completions':[{'text':'a'},{'text':'b'}],'preferences':[[0,2]]}"),
                        Samples.json(
                                "{'prompt':'r','completions':[{'text':'a'},{'text':'b'}],'preferences':[[0,1],[1,0]]}"),
                        Samples.json(
                                "{'prompt':'s','completions':[{'text':'a'},{'text':'b'}],'preferences':[[0,1],[0,1]]}"),
                        Samples.json("{'prompt':'t','completions':[{'text':'a'},{'text':'b'}],'preferences':[]}"),
                        Samples.json("{'prompt':'u','completions':[{'text':'a'},{'text':'a'}],'preferences':[[0,1]]}"),
                        Samples.json(
                                "{'prompt':'v','completions':[{'text':'a'},{'text':'b'}],'preferences':[[0,1.5]]}")))),
                ReadOptions.DETECT);
        assertThat(report.files().get(0).format()).isEqualTo("partial-orders");
        assertThat(report.findings())
                .extracting(finding -> finding.rule() + " " + finding.count())
                .containsExactly("WRONG_TYPE 1", "SAME_COMPLETIONS 1", "BAD_RANKING 4");
        assertThat(report.findings().get(2).examples())
                .extracting(example -> example.line() + " " + example.detail())
                .containsExactly(
                        "2 preferences[0] names completion 2, but they run from 0 to 1",
                        "3 preferences form a cycle: 0 > 1 > 0; a partial order has none",
                        "4 preferences[1] repeats preferences[0]");
    }

    @Test
    void theBestOfAPartialOrderAreImitated() {
        List<Demonstration> best = CompletionChoice.BEST.of(order(4, 0, 1, 2, 1));
        assertThat(best).extracting(d -> ((Content.Text) d.completion()).text()).containsExactly("0", "2", "3");
        assertThat(CompletionChoice.ALL.of(order(4, 0, 1, 2, 1))).hasSize(4);
    }

    @Test
    void theSameOrderSaidInAnotherWayIsADuplicate() {
        CheckReport report = DataCheck.check(
                List.of(Samples.source(Samples.file(
                        directory,
                        "twice.jsonl",
                        Samples.json("{'prompt':'p','completions':[{'text':'a'},{'text':'b'},{'text':'c'}],"
                                + "'preferences':[[0,1],[1,2]]}"),
                        Samples.json("{'prompt':'p','completions':[{'text':'c'},{'text':'b'},{'text':'a'}],"
                                + "'preferences':[[2,0],[1,0],[2,1]]}"),
                        Samples.json("{'prompt':'p','completions':[{'text':'a'},{'text':'b'},{'text':'c'}],"
                                + "'preferences':[[2,0]]}")))),
                ReadOptions.DETECT);
        assertThat(report.findings())
                .extracting(finding -> finding.rule() + " " + finding.count())
                .containsExactly("DUPLICATE_ROW 1", "CONTRADICTION 1");
    }

    private static PartialOrder anyOrder(Draws draws) {
        int k = draws.between(2, 7);
        // Edges follow a random order of the completions, so there is no cycle.
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < k; i++) {
            places.add(draws.between(0, places.size()), i);
        }
        Set<Preference> preferences = new HashSet<>();
        preferences.add(new Preference(places.get(0), places.get(1)));
        for (int[] edge : draws.list(8, d -> new int[] {d.between(0, k - 1), d.between(0, k - 1)})) {
            if (edge[0] < edge[1]) {
                preferences.add(new Preference(places.get(edge[0]), places.get(edge[1])));
            }
        }
        return new PartialOrder(Content.of("p"), completions(k), List.copyOf(preferences), Origin.NONE);
    }

    private static PartialOrder order(int k, int... preferences) {
        List<Preference> pairs = new ArrayList<>();
        for (int i = 0; i < preferences.length; i += 2) {
            pairs.add(new Preference(preferences[i], preferences[i + 1]));
        }
        return new PartialOrder(Content.of("p"), completions(k), pairs, Origin.NONE);
    }

    private static List<PartialOrder.Completion> completions(int k) {
        List<PartialOrder.Completion> completions = new ArrayList<>();
        for (int i = 0; i < k; i++) {
            completions.add(new PartialOrder.Completion(Content.of(String.valueOf(i)), i % 2 == 0 ? null : "m" + i));
        }
        return completions;
    }

    private static Set<String> transitive(List<String> pairs) {
        Set<String> known = new HashSet<>(pairs);
        boolean grew = true;
        while (grew) {
            Set<String> next = new HashSet<>(known);
            for (String a : known) {
                for (String b : known) {
                    if (a.charAt(2) == b.charAt(0)) {
                        next.add(a.charAt(0) + ">" + b.charAt(2));
                    }
                }
            }
            grew = next.size() > known.size();
            known = next;
        }
        return known;
    }

    private static List<String> read(PairStrategy strategy, PartialOrder order) {
        return new RankingPairs(strategy, TiePolicy.DROP)
                .of(order).stream().map(PartialOrderTest::name).toList();
    }

    private static String name(PreferencePair pair) {
        return ((Content.Text) pair.chosen()).text() + ">" + ((Content.Text) pair.rejected()).text();
    }
}
