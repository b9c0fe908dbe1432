package org.rlhf4j.ppo.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.Content;
import org.rlhf4j.testing.Property;

class PromptOrderTest {
    private static List<Content> prompts(int count) {
        return IntStream.range(0, count)
                .<Content>mapToObj(i -> Content.of("prompt " + i))
                .toList();
    }

    private static List<Content> drawn(PromptOrder order, int rollouts, int size) {
        List<Content> all = new ArrayList<>();
        for (int i = 0; i < rollouts; i++) {
            all.addAll(order.next((long) i * size, size));
        }
        return all;
    }

    /** Rollouts smaller and larger than the list, which end in the middle of a pass. */
    @Test
    void everyPromptIsAskedOnceAPassWhateverTheRollout() {
        Property.forAll(50, draws -> new int[] {draws.between(1, 9), draws.between(1, 20)}, drawn -> {
            List<Content> prompts = prompts(drawn[0]);
            List<Content> asked = drawn(new PromptOrder(prompts, 7), 2 * drawn[0], drawn[1]);
            assertThat(asked).hasSize(2 * drawn[0] * drawn[1]);
            for (int pass = 0; pass < 2 * drawn[1]; pass++) {
                assertThat(asked.subList(pass * drawn[0], (pass + 1) * drawn[0]))
                        .containsExactlyInAnyOrderElementsOf(prompts);
            }
        });
    }

    @Test
    void eachPassHasAnOrderOfItsOwn() {
        List<Content> asked = drawn(new PromptOrder(prompts(20), 7), 3, 20);
        assertThat(asked.subList(0, 20)).isNotEqualTo(asked.subList(20, 40));
        assertThat(asked.subList(20, 40)).isNotEqualTo(asked.subList(40, 60));
    }

    @Test
    void theOrderDependsOnTheSeedAndNotOnTheCut() {
        List<Content> prompts = prompts(11);
        List<Content> expected = drawn(new PromptOrder(prompts, 7), 1, 60);
        assertThat(drawn(new PromptOrder(prompts, 7), 12, 5)).isEqualTo(expected);
        assertThat(drawn(new PromptOrder(prompts, 8), 1, 60)).isNotEqualTo(expected);
        // A run that goes on in the middle sees what the whole run would have seen.
        assertThat(new PromptOrder(prompts, 7).next(37, 10)).isEqualTo(expected.subList(37, 47));
    }
}
