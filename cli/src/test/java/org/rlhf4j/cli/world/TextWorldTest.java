package org.rlhf4j.cli.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.testing.Property;

class TextWorldTest {
    private static final String PROMPT = "Please bake onions, leeks and beans.";
    private static final KitchenOrder ORDER = KitchenOrder.of(PROMPT);
    private static final TextWorld WORLD = new TextWorld();

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                    # 3 x 2 for the ingredients + 2 for baking + 1 washed before chopping + 1 chopped before cooking
                    I wash leeks, chop onions, then bake beans.                  | 10
                    I wash beans, chop leeks, then bake onions.                  | 10
                    # The same words in other orders. Chopped first: 6 + 2 + 0 + 1. Baked first: 6 + 2 + 1 + 0. Backwards: 6 + 2.
                    I chop onions, wash leeks, then bake beans.                  | 9
                    I bake beans, wash leeks, then chop onions.                  | 9
                    I bake beans, chop onions, then wash leeks.                  | 8
                    # Another way of cooking is cooking, but not what was asked for: 6 + 0 + 1 + 1.
                    I wash leeks, chop onions, then boil beans.                  | 8
                    # One ingredient is not in the order, two are not, none is: 4 + 4, 2 + 4, 0 + 4.
                    I wash plums, chop onions, then bake beans.                  | 8
                    I wash plums, chop pears, then bake beans.                   | 6
                    I wash plums, chop pears, then bake apples.                  | 4
                    # The same ingredient three times is one ingredient: 2 + 2 + 1 + 1.
                    I wash beans, chop beans, then bake beans.                   | 6
                    # Nothing is chopped, so nothing comes before or after chopping: 4 + 2.
                    I wash leeks, then bake beans.                               | 6
                    I bake beans.                                                | 4
                    # A fourth step costs 1, a fourth and a fifth 2.
                    I wash leeks, chop onions, bake beans, then bake beans.      | 9
                    I wash leeks, chop onions, bake beans, bake beans, then bake beans. | 8
                    # One word too many or one comma too few: half a point.
                    I wash leeks, chop onions, then bake bake beans.             | 9.5
                    I wash leeks chop onions, then bake beans.                   | 9.5
                    # Washing nothing is no step but two words too many, "wash" and the comma: 4 + 2 + 1 - 1.
                    I wash, chop onions, then bake beans.                        | 6
                    # Without "I", two commas, "then" and the full stop: 5 words to insert.
                    wash leeks chop onions bake beans                            | 7.5
                    # No step, so the proper sentence is empty: each of the words is one too many.
                    ""                                                           | 0
                    Hello!                                                       | 0
                    # The order itself read back: one step, 2 + 2, five words from "I bake onions.".
                    Please bake onions, leeks and beans.                         | 1.5
                    """)
    void trueRewardIsTheSumOfItsItems(String completion, double points) {
        assertThat(WORLD.score(PROMPT, completion)).isEqualTo(points);
    }

    @Test
    void theSameWordsEarnDifferentPointsForOtherPrompts() {
        String completion = "I wash leeks, chop onions, then bake beans.";
        // leeks and onions + washed before chopping + chopped before cooking
        assertThat(WORLD.score("Please fry onions, leeks and plums.", completion))
                .isEqualTo(6);
        assertThat(WORLD.judge(KitchenOrder.of("Please fry onions, leeks and plums."), completion))
                .isEqualTo(new Verdict(2, false, true, true, 0, 0));
    }

    @Test
    void aPromptFromElsewhereIsRefused() {
        assertThatThrownBy(() -> WORLD.score("Bake a cake.", "I bake beans."))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"Bake a cake.\" is no order in this kitchen");
        assertThatThrownBy(() -> KitchenOrder.of("Please eat onions, leeks and beans."))
                .hasMessageContaining("\"eat\" is no way of cooking here");
        assertThatThrownBy(() -> KitchenOrder.of("Please bake onions, leeks and leeks."))
                .hasMessageContaining("three different ingredients");
        assertThatThrownBy(() -> KitchenOrder.of("Please bake onions, leeks and stones."))
                .hasMessageContaining("not all in this kitchen");
    }

    @Test
    void repeatingPaysNothingAndLongTextsAreJudgedAtOnce() {
        Assertions.assertTimeout(Duration.ofSeconds(5), () -> {
            assertThat(WORLD.score(PROMPT, "wash leeks, ".repeat(20_000))).isZero();
            assertThat(WORLD.score(PROMPT, "I wash leeks, chop onions, then bake beans. " + "then ".repeat(20_000)))
                    .isZero();
        });
    }

    @Test
    void everyTextGetsZeroToTenPointsInHalves() {
        List<String> words =
                List.of("I", "wash", "chop", "bake", "onions", "leeks", "beans", "plums", ",", "then", ".");
        Property.forAll(draws -> draws.list(30, d -> words.get(d.between(0, words.size() - 1))), list -> {
            double points = WORLD.score(PROMPT, String.join(" ", list));
            assertThat(points).isBetween(0.0, Verdict.MAX);
            assertThat(points * 2).isEqualTo(Math.rint(points * 2));
        });
    }

    @Test
    void candidatesHaveATrueOrder() {
        for (int seed = 0; seed < 200; seed++) {
            List<String> texts = WORLD.candidates(ORDER, 4, SeededStream.of(seed));
            double[] sorted = texts.stream()
                    .mapToDouble(text -> WORLD.score(PROMPT, text))
                    .sorted()
                    .toArray();
            for (int i = 1; i < sorted.length; i++) {
                assertThat(sorted[i] - sorted[i - 1]).isGreaterThanOrEqualTo(TextWorld.MIN_GAP);
            }
        }
    }

    @Test
    void theJudgeErrsAsOftenAsBradleyAndTerrySay() {
        String better = "I wash leeks, chop onions, then bake beans.";
        String worse = "I chop onions, wash leeks, then bake beans.";
        int n = 20_000;
        int right = 0;
        SeededStream stream = SeededStream.of(7);
        for (int i = 0; i < n; i++) {
            Ranking ranking = WORLD.rank(ORDER, List.of(worse, better), 1, stream);
            right += ranking.completions().get(0).text().equals(Content.of(better)) ? 1 : 0;
        }
        // 10 points against 9 at temperature 1: sigmoid(1) = 0.7311; the deviation of the share is 0.0031.
        assertThat((double) right / n).isCloseTo(0.7311, within(4 * 0.0031));
    }

    @Test
    void theCeilingIsTheShareOfLabelsThatAgreeWithTheTruth() {
        String ten = "I wash leeks, chop onions, then bake beans.";
        String nine = "I chop onions, wash leeks, then bake beans.";
        String alsoNine = "I bake beans, wash leeks, then chop onions.";
        assertThat(WORLD.ceiling(List.of(
                        PreferencePair.of(PROMPT, ten, nine),
                        PreferencePair.of(PROMPT, ten, alsoNine),
                        PreferencePair.of(PROMPT, nine, ten),
                        PreferencePair.of(PROMPT, nine, alsoNine))))
                .isEqualTo(2.5 / 4);
    }
}
