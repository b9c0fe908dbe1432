package org.rlhf4j.lm.generate;

import java.util.Arrays;
import org.rlhf4j.lm.text.EncodedExample;

/**
 * What a model made of one prompt.
 *
 * @param example the prompt, and every token that was generated, the one that ended the completion included
 * @param text the text of those tokens without special ones, cut before the stop string; empty where the model has no
 *     tokenizer
 * @param logProbs for each token its log-probability, in nats, under the distribution that it was drawn from (penalty,
 *     temperature and filters applied); with greedy choice, which draws from nothing, under the model's own distribution at
 *     temperature 1
 * @param finish why it ends
 */
@SuppressWarnings("ArrayRecordComponent") // compared by content; not copied, because rollouts hold many
public record GeneratedCompletion(EncodedExample example, String text, float[] logProbs, FinishReason finish) {
    /** Checks that every token has its log-probability. */
    public GeneratedCompletion {
        if (example.completionLength() != logProbs.length) {
            throw new IllegalArgumentException(
                    example.completionLength() + " tokens but " + logProbs.length + " log-probabilities");
        }
    }

    /** The tokens that were generated. */
    public int[] ids() {
        return Arrays.copyOfRange(example.ids(), example.promptLength(), example.length());
    }

    /** The log-probability of the completion: the sum over its tokens, in nats. */
    public double logProb() {
        double sum = 0;
        for (float value : logProbs) {
            sum += value;
        }
        return sum;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GeneratedCompletion that
                && example.equals(that.example)
                && text.equals(that.text)
                && Arrays.equals(logProbs, that.logProbs)
                && finish == that.finish;
    }

    @Override
    public int hashCode() {
        return 31 * example.hashCode() + text.hashCode();
    }

    @Override
    public String toString() {
        return "GeneratedCompletion[" + logProbs.length + " tokens, " + finish.label() + ": " + text + "]";
    }
}
