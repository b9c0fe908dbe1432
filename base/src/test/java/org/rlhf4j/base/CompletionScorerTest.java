package org.rlhf4j.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class CompletionScorerTest {
    @Test
    void aLambdaIsAScorer() {
        CompletionScorer longer = (prompt, completion) -> completion.length() - 0.5 * prompt.length();
        assertThat(longer.score("ab", "abc")).isEqualTo(2);
    }

    @Test
    void manyAreScoredInTheirOrder() {
        CompletionScorer length = (prompt, completion) -> 10 * prompt.length() + completion.length();
        assertThat(length.scoreAll(List.of(
                        new PromptCompletion("a", "xyz"),
                        new PromptCompletion("", ""),
                        new PromptCompletion("ab", "x"))))
                .containsExactly(13, 0, 21);
        assertThat(length.scoreAll(List.of())).isEmpty();
    }
}
