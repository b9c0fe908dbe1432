package org.rlhf4j.ppo.text;

import java.util.List;
import org.rlhf4j.base.Content;
import org.rlhf4j.lm.generate.FinishReason;

/** Hears what a run writes and what it worries about; called between steps on the thread that trains. */
public interface PpoTextListener {
    /** Hears nothing. */
    PpoTextListener NONE = new PpoTextListener() {};

    /**
     * Some completions of a rollout.
     *
     * @param step rollouts made before it
     */
    default void samples(long step, List<Sample> samples) {}

    /**
     * A limit of the guard was passed.
     *
     * @param step rollouts made before the one that passed it
     * @param warning a sentence for a person
     */
    default void warned(long step, String warning) {}

    /**
     * A completion with its score.
     *
     * @param prompt what was asked
     * @param completion what was written
     * @param score weighted sum of the rewards, as they are
     * @param kl log-ratio to the reference, nats; single ones may be negative
     * @param tokens its length
     * @param finish why it ends
     */
    record Sample(Content prompt, String completion, double score, double kl, int tokens, FinishReason finish) {}
}
