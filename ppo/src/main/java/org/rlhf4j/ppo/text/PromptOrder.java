package org.rlhf4j.ppo.text;

import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Permutation;

/** Which prompts a rollout answers: each once a pass, in an order that depends on seed and pass alone. */
final class PromptOrder {
    private final List<Content> prompts;
    private final long seed;
    private long pass = -1;
    private int[] order = {};

    PromptOrder(List<Content> prompts, long seed) {
        this.prompts = List.copyOf(prompts);
        this.seed = seed;
    }

    /**
     * The next prompts.
     *
     * @param from prompts answered before
     * @param count how many, which may span passes
     */
    List<Content> next(long from, int count) {
        List<Content> some = new ArrayList<>(count);
        for (long place = from; place < from + count; place++) {
            long wanted = place / prompts.size();
            if (wanted != pass) {
                pass = wanted;
                order = Permutation.of(prompts.size(), seed, pass);
            }
            some.add(prompts.get(order[(int) (place % prompts.size())]));
        }
        return some;
    }
}
