package org.rlhf4j.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

    @Test
    void whatModelsWroteIsScoredAsPlainTextEvenWhereItIsBlank() {
        CompletionScorer length = (prompt, completion) -> 10 * prompt.length() + completion.length();
        assertThat(length.scoreSamples(List.of(Content.of("a"), Content.of("ab")), List.of("xyz", " ")))
                .containsExactly(13, 21);
        assertThat(length.scoreSamples(List.of(), List.of())).isEmpty();
    }

    @Test
    void conversationsAreRefusedByRow() {
        CompletionScorer length = (prompt, completion) -> completion.length();
        assertThat(length.scoresConversations()).isFalse();
        List<Content> prompts = List.of(Content.of("a"), Content.of(List.of(new Message("user", "b"))));
        assertThatThrownBy(() -> length.scoreSamples(prompts, List.of("x", "y")))
                .isInstanceOf(DataFormatException.class)
                .hasMessage("row 2: the prompt is a conversation, but this scorer takes plain text");
        assertThatThrownBy(() -> length.scoreSamples(prompts, List.of("x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("1 completions for 2 prompts: one each");
    }
}
