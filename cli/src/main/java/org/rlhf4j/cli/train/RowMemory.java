package org.rlhf4j.cli.train;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.train.TrainingConfig;
import org.rlhf4j.lm.MemoryEstimate;
import org.rlhf4j.lm.ModelConfig;
import org.rlhf4j.lm.text.EncodedExample;

/** What training on rows of text takes. */
public final class RowMemory {
    /** Padded tokens of one forward pass of an evaluation, as evaluations and references read them. */
    private static final long TOKENS_READ = 8192;

    private RowMemory() {}

    /**
     * The check of a run.
     *
     * @param weights that are trained
     * @param others bytes of weights that are not: of other models, and of the one under an adapter
     * @param sizes of the model
     * @param logits whether the head gives logits, and not a number
     * @param rows of the run, each with its sequences
     * @param config of the loop
     */
    public static MemoryCheck of(
            Parameters weights,
            long others,
            ModelConfig.Sizes sizes,
            boolean logits,
            TrainingRows<List<EncodedExample>> rows,
            TrainingConfig config) {
        MemoryEstimate models = MemoryEstimate.NOTHING
                .plusWeights(weights.bytes() + others + (config.keepBest() == null ? 0 : weights.bytes()))
                .plusTraining(weights.count());
        int sequences = rows.training().stream().mapToInt(List::size).max().orElse(1);
        long held = rows.heldOut().stream()
                .flatMap(List::stream)
                .mapToLong(EncodedExample::length)
                .sum();
        MemoryCheck.Need need = (some, longest, checkpointing) -> {
            MemoryEstimate.Pass step = pass(sizes, logits, (long) some * sequences * longest, longest);
            MemoryEstimate training = models.passing(step.training(checkpointing));
            if (held == 0) {
                return training;
            }
            return training.passing(
                    pass(sizes, logits, Math.min(held, TOKENS_READ), longest).reading());
        };
        int some = Math.min(config.microBatchSize(), rows.training().size());
        return new MemoryCheck(some, longest(rows), config.gradientCheckpointing(), need);
    }

    private static MemoryEstimate.Pass pass(ModelConfig.Sizes sizes, boolean logits, long tokens, long width) {
        return new MemoryEstimate.Pass(sizes, tokens, width, logits ? tokens : 0, Float.BYTES);
    }

    private static int longest(TrainingRows<List<EncodedExample>> rows) {
        return Arrays.asList(rows.training(), rows.heldOut()).stream()
                .flatMap(Collection::stream)
                .flatMap(List::stream)
                .mapToInt(EncodedExample::length)
                .max()
                .orElse(1);
    }
}
