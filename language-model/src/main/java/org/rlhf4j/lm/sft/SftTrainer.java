package org.rlhf4j.lm.sft;

import java.util.List;
import java.util.Optional;
import org.rlhf4j.core.train.RunHooks;
import org.rlhf4j.core.train.TrainingConfig;
import org.rlhf4j.core.train.TrainingLoop;
import org.rlhf4j.core.train.TrainingResult;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.data.EncodedDemonstration;

/**
 * Fine-tunes a {@link LanguageModel} on demonstrations, by the likelihood of their tokens.
 *
 * <pre>{@code
 * DemonstrationSet rows = DemonstrationSet.encode(demonstrations, model.encoder(), LossTokens.COMPLETION);
 * new SftTrainer(model, TrainingConfig.defaults(2e-5)).train(rows.rows(), List.of());
 * }</pre>
 */
public final class SftTrainer {
    private final LanguageModel model;
    private final TrainingConfig config;
    private final boolean packing;

    /**
     * A trainer without packing.
     *
     * @param model is trained in place, all its weights; stays the caller's to close
     * @param config of the loop
     */
    public SftTrainer(LanguageModel model, TrainingConfig config) {
        this(model, config, false);
    }

    /**
     * A trainer.
     *
     * @param model is trained in place, all its weights; stays the caller's to close
     * @param config of the loop
     * @param packing whether rows of a micro-batch are {@linkplain org.rlhf4j.lm.PaddedBatch#packed packed}: faster where
     *     their lengths differ, with the same results
     */
    public SftTrainer(LanguageModel model, TrainingConfig config, boolean packing) {
        this.model = model;
        this.config = config;
        this.packing = packing;
    }

    /**
     * What a run gave.
     *
     * @param training how the loop ended
     * @param evaluation of the final weights on the held-out rows; nothing where none are held out
     *     or the run was interrupted
     */
    public record Result(TrainingResult training, Optional<SftEvaluation> evaluation) {}

    /** {@link #train(List, List, RunHooks)} that nobody watches. */
    public Result train(List<EncodedDemonstration> rows, List<EncodedDemonstration> heldOut) {
        return train(rows, heldOut, RunHooks.NONE);
    }

    /**
     * Trains.
     *
     * @param rows what is learned from, at least one
     * @param heldOut what is evaluated; may be empty
     * @param hooks who watches
     * @return the figures; the model holds the trained weights
     * @throws org.rlhf4j.core.optim.NonFiniteException if a loss or gradient is not finite, before the update
     */
    public Result train(List<EncodedDemonstration> rows, List<EncodedDemonstration> heldOut, RunHooks hooks) {
        TrainingResult result =
                new TrainingLoop(new SftTask(model, rows, heldOut, packing), model.parameters(), config).run(hooks);
        boolean evaluated = !heldOut.isEmpty() && !result.interrupted();
        return new Result(result, evaluated ? Optional.of(SftEvaluation.of(model, heldOut)) : Optional.empty());
    }
}
