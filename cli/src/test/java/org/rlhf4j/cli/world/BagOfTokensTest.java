package org.rlhf4j.cli.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlhf4j.preference.PreferencePair;

class BagOfTokensTest {
    private static PreferencePair pair(String chosen, String rejected) {
        return PreferencePair.of("a prompt", chosen, rejected);
    }

    @Test
    void aWordPreferredThreeTimesInFourGetsTheLogOddsAsItsWeight() {
        PreferencePair with = pair("a b", "a");
        PreferencePair without = pair("a", "b a");
        BagOfTokens baseline = BagOfTokens.fit(List.of(with, with, with, without));
        // sigmoid(w) = 3/4, so w = ln 3; the small ridge takes 1e-4 * w / (3/4 * 1/4) = 6e-4 of it.
        assertThat(baseline.score("b")).isCloseTo(Math.log(3), within(1e-3));
        assertThat(baseline.score("b b")).isEqualTo(2 * baseline.score("b"));
        assertThat(baseline.score("a, never seen")).isZero();
        assertThat(baseline.accuracy(List.of(with, with, with, without))).isEqualTo(0.75);
    }

    @Test
    void wordOrderIsInvisible() {
        PreferencePair reordered = pair("I chop beans", "beans I chop");
        BagOfTokens baseline = BagOfTokens.fit(List.of(reordered, pair("c", "d")));
        assertThat(baseline.score("I chop beans")).isEqualTo(baseline.score("beans I chop"));
        assertThat(baseline.accuracy(List.of(reordered))).isEqualTo(0.5);
    }

    @Test
    void nothingToFitIsRefused() {
        assertThatThrownBy(() -> BagOfTokens.fit(List.of())).hasMessageContaining("no pairs");
    }
}
