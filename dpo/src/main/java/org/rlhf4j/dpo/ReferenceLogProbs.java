package org.rlhf4j.dpo;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.text.EncodedExample;

/**
 * Log-probabilities of completions under the reference, the model that the policy is held to: computed anew each time, or
 * once before training. Both give the same values up to rounding.
 */
public sealed interface ReferenceLogProbs {
    /**
     * {@code log π_ref(y|x)}, the sum over the completion's tokens.
     *
     * @param examples prompts with completions
     * @return nats, one value an example, in order
     */
    double[] of(List<EncodedExample> examples);

    /**
     * Reads each completion with a model whenever it is asked for, which costs a model in memory and a forward pass a step.
     *
     * @param model is never changed, so not the policy itself
     */
    record Live(LanguageModel model) implements ReferenceLogProbs {
        @Override
        public double[] of(List<EncodedExample> examples) {
            double[] sums = new double[examples.size()];
            float[][] tokens = model.logProbs(examples, 1);
            for (int i = 0; i < sums.length; i++) {
                for (float token : tokens[i]) {
                    sums[i] += token;
                }
            }
            return sums;
        }
    }

    /** Values that were computed once. */
    final class Precomputed implements ReferenceLogProbs {
        private final Map<EncodedExample, Double> values;

        private Precomputed(Map<EncodedExample, Double> values) {
            this.values = values;
        }

        @Override
        public double[] of(List<EncodedExample> examples) {
            ToDoubleFunction<EncodedExample> value = example -> {
                Double known = values.get(example);
                if (known == null) {
                    throw new IllegalArgumentException("no reference value was computed for " + example);
                }
                return known;
            };
            return examples.stream().mapToDouble(value).toArray();
        }
    }

    /**
     * Computes all values now.
     *
     * @param reference the reference, which may be the policy before its first step; not needed afterwards
     * @param examples every completion that will be asked for, with repetition
     */
    static ReferenceLogProbs precompute(LanguageModel reference, Collection<EncodedExample> examples) {
        return precomputed(distinct(examples), new Live(reference)::of);
    }

    /**
     * Takes the values from a cache, or computes all of them now and stores them there.
     *
     * @param reference the reference, which may be the policy before its first step; not needed afterwards
     * @param examples every completion that will be asked for, with repetition
     * @param cache holds values by model and data
     */
    static ReferenceLogProbs precompute(
            LanguageModel reference, Collection<EncodedExample> examples, ReferenceCache cache) {
        return precomputed(distinct(examples), all -> cache.computed(reference, all, new Live(reference)::of));
    }

    private static List<EncodedExample> distinct(Collection<EncodedExample> examples) {
        return List.copyOf(new LinkedHashSet<>(examples));
    }

    private static ReferenceLogProbs precomputed(
            List<EncodedExample> examples, ReferenceCache.Computation computation) {
        double[] values = computation.of(examples);
        Map<EncodedExample, Double> byExample = new LinkedHashMap<>();
        for (int i = 0; i < values.length; i++) {
            byExample.put(examples.get(i), values[i]);
        }
        return new Precomputed(byExample);
    }
}
