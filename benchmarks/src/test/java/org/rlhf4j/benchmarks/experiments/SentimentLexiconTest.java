package org.rlhf4j.benchmarks.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SentimentLexiconTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    and so it is                       | 0
                    Sweet LOVE, sweet peace            | 4
                    the foul fiend, cursed be his name | -2
                    good villain                       | 0
                    # Only whole words count: neither "goodly", "lovely" nor "killed" is in the lists.
                    a goodly, lovely, killed thing     | 0
                    heaven's grace; death--            | 1
                    """)
    void pleasantWordsCountForAndUnpleasantOnesAgainst(String text, int balance) {
        assertThat(SentimentLexicon.balance(text)).isEqualTo(balance);
    }

    @Test
    void theScoreIsSquashedAndBlindToThePrompt() {
        SentimentLexicon lexicon = new SentimentLexicon();
        assertThat(lexicon.score("foul death", "my love")).isCloseTo(Math.tanh(0.5), within(1e-12));
        assertThat(lexicon.score("", "hate hate hate")).isCloseTo(Math.tanh(-1.5), within(1e-12));
        assertThat(lexicon.score("good", "")).isZero();
    }
}
