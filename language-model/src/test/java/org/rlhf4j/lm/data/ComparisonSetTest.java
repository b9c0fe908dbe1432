package org.rlhf4j.lm.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.lm.text.ByteLevelTokenizer;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.lm.text.EncodingPolicy;
import org.rlhf4j.lm.text.ExampleEncoder;
import org.rlhf4j.lm.text.TextTokenizer;
import org.rlhf4j.preference.Demonstration;
import org.rlhf4j.preference.Located;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.RankedCompletion;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;

class ComparisonSetTest {
    private final TextTokenizer tokenizer = TextTokenizer.of(ByteLevelTokenizer.files(64), "bytes");
    private final ExampleEncoder encoder = encoder(EncodingPolicy.OnOverlong.ERROR);

    @AfterEach
    void close() {
        tokenizer.close();
    }

    @Test
    void pairsOfOnePromptThatFollowEachOtherShareTheirCompletions() {
        ComparisonSet set = encode(
                encoder,
                true,
                PreferencePair.of("p", "best", "middle"),
                PreferencePair.of("p", "best", "worst"),
                PreferencePair.of("p", "middle", "worst"),
                PreferencePair.of("q", "best", "worst"),
                PreferencePair.of("p", "best", "last"));

        assertThat(set.rows()).extracting(Comparison::place).containsExactly("d:1", "d:4", "d:5");
        Comparison.Pairs joined = (Comparison.Pairs) set.rows().get(0);
        assertThat(joined.examples())
                .containsExactly(example("p", "best"), example("p", "middle"), example("p", "worst"));
        assertThat(joined.preferences()).containsExactly(certain(0, 1), certain(0, 2), certain(1, 2));
        assertThat(joined.weight()).isEqualTo(3);
        assertThat(set.counts().rows()).isEqualTo(3);
        assertThat(set.counts().kept()).isEqualTo(3);
    }

    @Test
    void pairsStayApartWhenAskedTo() {
        ComparisonSet set = encode(encoder, false, PreferencePair.of("p", "a", "b"), PreferencePair.of("p", "a", "c"));
        assertThat(set.rows()).hasSize(2);
        assertThat(set.rows().get(1).examples()).containsExactly(example("p", "a"), example("p", "c"));
    }

    @Test
    void marginProbabilityAndWeightAreCarried() {
        PreferencePair pair = new PreferencePair(
                Content.of("p"), Content.of("a"), Content.of("b"), 0.75, 0.5, 0.25, null, null, Origin.ofId("id"));
        ComparisonSet set = encode(encoder, true, pair);
        assertThat(((Comparison.Pairs) set.rows().get(0)).preferences())
                .containsExactly(new Comparison.Preference(0, 1, 0.75, 0.5, 0.25));
        assertThat(set.rows().get(0).weight()).isEqualTo(0.25);
    }

    @Test
    void rankingsStandBestFirstWithTheirTies() {
        Ranking ranking = new Ranking(
                Content.of("p"),
                List.of(
                        RankedCompletion.of("worst", 3),
                        RankedCompletion.of("first of the best", 1),
                        RankedCompletion.of("second of the best", 1)),
                Origin.NONE);
        ComparisonSet set =
                encode(encoder, true, PreferencePair.of("p", "a", "b"), ranking, PreferencePair.of("p", "a", "c"));
        assertThat(set.rows()).as("a ranking between pairs keeps them apart").hasSize(3);
        Comparison.Ranked ranked = (Comparison.Ranked) set.rows().get(1);
        assertThat(ranked.examples())
                .containsExactly(
                        example("p", "first of the best"), example("p", "second of the best"), example("p", "worst"));
        assertThat(ranked.ranks()).containsExactly(1, 1, 3);
        assertThat(ranked.weight()).isEqualTo(1);
    }

    @Test
    void otherRowsAreRefusedWithTheirPlace() {
        Demonstration demonstration = new Demonstration(Content.of("p"), Content.of("c"), Origin.NONE);
        assertThatThrownBy(() -> encode(encoder, true, PreferencePair.of("p", "a", "b"), demonstration))
                .isInstanceOf(DataFormatException.class)
                .hasMessage("d:2: pairs or rankings are needed, but this file holds demonstrations");
    }

    @Test
    void overlongRowsAreErrorsAllOfThemAtOnce() {
        PreferencePair tooLong = PreferencePair.of("a prompt of 22 letters", "short", "l".repeat(50));
        assertThatThrownBy(() -> encode(encoder, true, PreferencePair.of("p", "a", "b"), tooLong))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("d:2");
    }

    @Test
    void overlongRowsAreCutOrLeftOutAndCounted() {
        // BOS apart, EOS included: 22 + 50 + 1 tokens; the limit is 64.
        PreferencePair tooLong = PreferencePair.of("a prompt of 22 letters", "short", "l".repeat(50));
        PreferencePair fits = PreferencePair.of("p", "a", "b");

        ComparisonSet cut = encode(encoder(EncodingPolicy.OnOverlong.TRUNCATE), true, fits, tooLong);
        assertThat(cut.rows()).hasSize(2);
        assertThat(cut.counts().truncated()).isEqualTo(1);
        assertThat(cut.counts().longest()).isEqualTo(64);
        assertThat(cut.rows().get(1).examples())
                .as("the prompt loses as much for both completions")
                .extracting(EncodedExample::promptLength)
                .containsExactly(
                        cut.rows().get(1).examples().get(0).promptLength(),
                        cut.rows().get(1).examples().get(0).promptLength());

        ComparisonSet dropped = encode(encoder(EncodingPolicy.OnOverlong.DROP), true, tooLong, fits);
        assertThat(dropped.rows()).extracting(Comparison::place).containsExactly("d:2");
        assertThat(dropped.counts().dropped()).isEqualTo(1);
        assertThat(dropped.counts().kept()).isEqualTo(1);
    }

    @Test
    void comparisonsThatMakeNoSenseAreRefused() {
        List<EncodedExample> two = List.of(example("p", "a"), example("p", "b"));
        assertThatThrownBy(() -> new Comparison.Pairs("d:1", two, List.of())).hasMessage("d:1: there is no pair");
        assertThatThrownBy(() -> new Comparison.Pairs("d:1", two, List.of(certain(0, 2))))
                .hasMessageContaining("d:1: ")
                .hasMessageContaining("2 completions");
        assertThatThrownBy(() -> new Comparison.Ranked("d:1", two, List.of(1), 1))
                .hasMessageContaining("d:1: ");
    }

    private ExampleEncoder encoder(EncodingPolicy.OnOverlong onOverlong) {
        return new ExampleEncoder(tokenizer, EncodingPolicy.of(tokenizer, 64).withOnOverlong(onOverlong));
    }

    private EncodedExample example(String prompt, String completion) {
        return encoder.encode(prompt, completion);
    }

    private static Comparison.Preference certain(int chosen, int rejected) {
        return new Comparison.Preference(chosen, rejected, 0, 1, 1);
    }

    private static ComparisonSet encode(ExampleEncoder encoder, boolean joinPairs, Row... rows) {
        List<Located<Row>> located = new ArrayList<>();
        for (Row row : rows) {
            located.add(new Located<>("d", located.size() + 1, row));
        }
        return ComparisonSet.encode(located.iterator(), encoder, joinPairs);
    }
}
