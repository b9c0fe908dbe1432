package org.rlhf4j.preference.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.RankedCompletion;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Samples;
import org.rlhf4j.preference.rank.ModelComparisons.Clusters;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.ReadOptions;

class ModelComparisonsTest {
    private static final StrengthEstimation PLAIN = new StrengthEstimation(RankMethod.BRADLEY_TERRY, 0, 0, 1);

    private final Path directory;

    ModelComparisonsTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void battlesNeedNoTexts() {
        ModelComparisons read = read(
                Clusters.PROMPT,
                "{'model_a':'x','model_b':'y','winner':'model_a','turn':1}",
                "{'model_a':'x','model_b':'y','winner':'model_b'}",
                "{'model_a':'y','model_b':'x','winner':'tie'}",
                "{'model_a':'y','model_b':'x','winner':'tie (bothbad)'}",
                "{'model_a':'y','model_b':'y','winner':'both_bad'}");
        assertThat(read.table().items()).containsExactly("x", "y");
        assertThat(read.table().size()).isEqualTo(4);
        assertThat(read.table().clusters()).isEqualTo(4);
        assertThat(read.table().ties()).containsEntry(2, 2.0);
        assertThat(read.same()).isEqualTo(1);
        assertThat(read.files().get(0).format()).isEqualTo("battles");
        assertThatThrownBy(() -> read(Clusters.ROW, "{'model_a':'x','model_b':'y','winner':'x'}"))
                .hasMessageEndingWith("rows.jsonl:1: winner is \"x\", must be model_a, model_b, tie, tie (bothbad),"
                        + " both_bad or bothbad");
    }

    @Test
    void pairsRankingsAndPartialOrdersNameTheirModels() {
        ModelComparisons pairs = read(
                Clusters.PROMPT,
                "{'prompt':'p','chosen':'1','rejected':'2','chosen_model':'x','rejected_model':'y'}",
                "{'prompt':'p','chosen':'1','rejected':'2','chosen_model':'y','rejected_model':'x','weight':2}",
                "{'prompt':'q','chosen':'1','rejected':'2','chosen_model':'x','rejected_model':'y','probability':0.75}",
                "{'prompt':'q','chosen':'1','rejected':'2','chosen_model':'x'}",
                "{'prompt':'q','chosen':'1','rejected':'2','chosen_model':'x','rejected_model':'x'}");
        assertThat(pairs.table().clusters()).isEqualTo(2);
        assertThat(pairs.unnamed()).isEqualTo(1);
        assertThat(pairs.same()).isEqualTo(1);
        // 1.75 wins of x to 2.25 of y.
        assertThat(PLAIN.of(pairs.table()).winProbability(0, 1)).isEqualTo(1.75 / 4, within(1e-10));

        ModelComparisons rankings = read(
                Clusters.ROW,
                "{'prompt':'p','completions':[{'text':'1','rank':2,'model':'x'},{'text':'2','rank':1,'model':'y'},"
                        + "{'text':'3','rank':2,'model':'z'},{'text':'4','rank':9}]}");
        assertThat(rankings.table().items()).containsExactly("y", "x", "z");
        assertThat(rankings.table().outcomes()).containsExactly(List.of(List.of(0), List.of(1, 2)));

        ModelComparisons orders = read(
                Clusters.ROW,
                "{'prompt':'p','completions':[{'text':'1','model':'x'},{'text':'2','model':'y'},{'text':'3','model':'z'}],"
                        + "'preferences':[[2,1],[1,0]]}");
        assertThat(orders.table().size()).isEqualTo(3);
        assertThat(orders.table().clusters()).isEqualTo(1);
    }

    @Test
    void annotatorsAreClustersWhereTheyAreKnown() {
        ModelComparisons read = read(
                Clusters.ANNOTATOR,
                "{'prompt':'p','chosen':'1','rejected':'2','chosen_model':'x','rejected_model':'y','annotator':'a'}",
                "{'prompt':'q','chosen':'1','rejected':'2','chosen_model':'x','rejected_model':'y','annotator':'a'}",
                "{'prompt':'r','chosen':'1','rejected':'2','chosen_model':'y','rejected_model':'x'}",
                "{'prompt':'s','chosen':'1','rejected':'2','chosen_model':'y','rejected_model':'x'}");
        assertThat(read.table().clusters()).isEqualTo(3);
    }

    @Test
    void rowsWithoutComparisonsAreRefused() {
        assertThatThrownBy(() -> read(Clusters.ROW, "{'prompt':'p','completion':'c'}"))
                .hasMessageEndingWith("rows.jsonl:1: comparisons are needed, but this file holds demonstrations");
        assertThatThrownBy(() -> read(Clusters.ROW, "{'prompt':'p','chosen':'1','rejected':'2'}"))
                .hasMessageContaining("nothing compares two models: 1 rows name fewer than two");
        assertThatThrownBy(() -> read(Clusters.ROW, "{'question':'p'}")).hasMessageContaining("no known format fits");
    }

    @Test
    void allJudgementsOfAPromptBecomeOneRankingWithScores() {
        CompletionScores scores = CompletionScores.read(
                source(
                        "{'prompt':'p','chosen':'a','rejected':'b'}",
                        "{'prompt':'q','chosen':'u','rejected':'v','probability':0.5,'chosen_model':'m'}",
                        "{'prompt':'p','chosen':'a','rejected':'b'}",
                        "{'prompt':'p','chosen':'b','rejected':'a'}",
                        "{'prompt':'p','chosen':'a','rejected':'b'}"),
                ReadOptions.DETECT,
                PLAIN);
        // Three wins to one: the scores differ by ln 3.
        Ranking first = scores.rankings().get(0);
        assertThat(first.prompt()).isEqualTo(Content.of("p"));
        assertThat(first.completions()).extracting(RankedCompletion::rank).containsExactly(1, 2);
        assertThat(first.completions().get(0).score()).isEqualTo(Math.log(3) / 2, within(1e-7));
        assertThat(scores.rankings().get(1).levels()).hasSize(1);
        assertThat(scores.rankings().get(1).completions().get(0).model()).isEqualTo("m");
        assertThatThrownBy(() -> CompletionScores.read(
                        source("{'prompt':'p','chosen':'a','rejected':'b'}"), ReadOptions.DETECT, PLAIN))
                .hasMessageContaining("rows.jsonl:1: completions of this prompt: the comparisons do not tie all items");
    }

    @Test
    void aPromptOfTiesAloneDoesNotStopTheOthers() {
        CompletionScores scores = CompletionScores.read(
                source(
                        "{'prompt':'p','chosen':'a','rejected':'b','probability':0.5}",
                        "{'prompt':'q','chosen':'u','rejected':'v'}"),
                ReadOptions.DETECT,
                new StrengthEstimation(RankMethod.DAVIDSON, 0.5, 0, 1));
        assertThat(scores.rankings().get(0).completions())
                .extracting(RankedCompletion::rank)
                .containsExactly(1, 1);
        assertThat(scores.rankings().get(1).completions())
                .extracting(RankedCompletion::rank)
                .containsExactly(1, 2);
    }

    private ModelComparisons read(Clusters clusters, String... rows) {
        return ModelComparisons.read(source(rows), ReadOptions.DETECT, clusters);
    }

    private List<DataSource> source(String... rows) {
        return List.of(Samples.source(Samples.file(
                directory, "rows.jsonl", Arrays.stream(rows).map(Samples::json).toArray(String[]::new))));
    }
}
