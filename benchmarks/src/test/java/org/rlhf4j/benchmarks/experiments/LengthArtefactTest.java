package org.rlhf4j.benchmarks.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.cli.world.KitchenOrder;
import org.rlhf4j.cli.world.TextWorld;
import org.rlhf4j.preference.PreferencePair;

class LengthArtefactTest {
    private static final String PROMPT = "Please bake onions, leeks and beans.";
    private static final String BEST = "I wash leeks, chop onions, then bake beans.";

    private static List<PreferencePair> pairs(int count) {
        List<PreferencePair> pairs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pairs.add(PreferencePair.of(PROMPT, BEST, "I bake beans, chop onions, then wash leeks."));
        }
        return pairs;
    }

    @Test
    void aLongerPlanIsAProperSentenceThatLosesOnePointForEachStep() {
        for (int steps = 1; steps <= LengthArtefact.MOST_STEPS; steps++) {
            String longer = LengthArtefact.lengthen(BEST, steps, SeededStream.of(steps));
            assertThat(longer)
                    .startsWith("I wash leeks, chop onions, bake beans, ")
                    .endsWith(".");
            var verdict = new TextWorld().judge(KitchenOrder.of(PROMPT), longer);
            assertThat(verdict.extraSteps()).isEqualTo(steps);
            assertThat(verdict.edits()).isZero();
            assertThat(verdict.points()).isEqualTo(10.0 - steps);
        }
    }

    @Test
    void onePairOfTwentyPrefersALongerPlanToItself() {
        List<PreferencePair> spoilt = LengthArtefact.spoil(pairs(10_000), 1);
        List<PreferencePair> changed =
                spoilt.stream().filter(pair -> !pair.equals(pairs(1).get(0))).toList();
        // Binomial with mean 500 and deviation 21.8: four deviations either side.
        assertThat(changed).hasSizeBetween(413, 587).allSatisfy(pair -> {
            assertThat(pair.rejected()).isEqualTo(Content.of(BEST));
            assertThat(((Content.Text) pair.chosen()).text())
                    .startsWith("I wash leeks, chop onions, bake beans, ")
                    .hasSizeGreaterThan(BEST.length());
        });
        assertThat(changed.stream().map(PreferencePair::chosen).distinct().count())
                .isGreaterThan(changed.size() * 8L / 10);
    }

    @Test
    void theSeedAndTheNumberOfThePairDecide() {
        List<PreferencePair> spoilt = LengthArtefact.spoil(pairs(200), 7);
        assertThat(LengthArtefact.spoil(pairs(100), 7)).isEqualTo(spoilt.subList(0, 100));
        assertThat(LengthArtefact.spoil(pairs(200), 8)).isNotEqualTo(spoilt);
    }
}
