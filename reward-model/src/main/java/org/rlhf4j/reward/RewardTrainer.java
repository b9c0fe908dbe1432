package org.rlhf4j.reward;

import java.util.List;
import java.util.Optional;
import org.rlhf4j.core.train.RunHooks;
import org.rlhf4j.core.train.TrainingConfig;
import org.rlhf4j.core.train.TrainingLoop;
import org.rlhf4j.core.train.TrainingResult;
import org.rlhf4j.lm.data.Comparison;

/**
 * Trains a {@link RewardModel} on pairs, by the Bradley-Terry loss, and on whole rankings, by the Plackett-Luce loss;
 * both may stand in one data set.
 */
public final class RewardTrainer {
    private final RewardModel model;
    private final PairwiseLoss loss;
    private final TrainingConfig config;

    /**
     * A trainer.
     *
     * @param model is trained in place, all its weights; stays the caller's to close
     * @param loss of pairs
     * @param config of the loop
     */
    public RewardTrainer(RewardModel model, PairwiseLoss loss, TrainingConfig config) {
        this.model = model;
        this.loss = loss;
        this.config = config;
    }

    /**
     * What a run gave.
     *
     * @param training how the loop ended
     * @param evaluation of the final weights on the held-out rows; nothing where none are held out
     *     or the run was interrupted
     */
    public record Result(TrainingResult training, Optional<RewardEvaluation> evaluation) {}

    /** {@link #train(List, List, RunHooks)} that nobody watches. */
    public Result train(List<Comparison> rows, List<Comparison> heldOut) {
        return train(rows, heldOut, RunHooks.NONE);
    }

    /**
     * Trains.
     *
     * @param rows what is learned from, at least one
     * @param heldOut what is evaluated; may be empty
     * @param hooks who watches
     * @return the figures; the model holds the trained weights
     * @throws IllegalArgumentException before the first step, if the held-out rows hold no pair to evaluate
     * @throws org.rlhf4j.core.optim.NonFiniteException if a loss or gradient is not finite, before the update
     */
    public Result train(List<Comparison> rows, List<Comparison> heldOut, RunHooks hooks) {
        if (!heldOut.isEmpty() && heldOut.stream().noneMatch(Comparison::holdsPairs)) {
            throw new IllegalArgumentException("the held-out rankings hold only ties, so there is no pair to evaluate");
        }
        RewardTask task = new RewardTask(
                model.scorer(), loss, rows, heldOut.isEmpty() ? null : () -> RewardEvaluator.evaluate(model, heldOut));
        TrainingResult result = new TrainingLoop(task, model.parameters(), config).run(hooks);
        boolean evaluated = !heldOut.isEmpty() && !result.interrupted();
        return new Result(result, evaluated ? Optional.of(RewardEvaluator.evaluate(model, heldOut)) : Optional.empty());
    }
}
