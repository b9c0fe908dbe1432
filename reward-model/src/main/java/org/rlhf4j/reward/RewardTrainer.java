package org.rlhf4j.reward;

import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.train.Progress;
import org.rlhf4j.core.train.TrainingConfig;
import org.rlhf4j.core.train.TrainingLoop;
import org.rlhf4j.core.train.TrainingResult;

/**
 * Trains a {@link RewardModel} on pairs, by the Bradley-Terry loss, and on whole rankings, by the Plackett-Luce loss;
 * both may stand in one data set.
 */
public final class RewardTrainer {
    private final RewardModel model;
    private final PairwiseLoss loss;
    private final TrainingConfig config;
    private Progress progress = Progress.SILENT;
    private Consumer<Progress.StepMetrics> metrics = values -> {};
    private BooleanSupplier stop = () -> false;

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
     */
    public record Result(TrainingResult training, Optional<RewardEvaluation> evaluation) {}

    /** Who is told how the run goes. */
    public RewardTrainer progress(Progress listener) {
        this.progress = listener;
        return this;
    }

    /** Who receives the metrics that a run writes down. */
    public RewardTrainer metrics(Consumer<Progress.StepMetrics> sink) {
        this.metrics = sink;
        return this;
    }

    /** Asked before each micro-batch whether to stop. */
    public RewardTrainer stopWhen(BooleanSupplier condition) {
        this.stop = condition;
        return this;
    }

    /**
     * Trains.
     *
     * @param rows what is learned from, at least one
     * @param heldOut what is evaluated; may be empty
     * @return the figures; the model holds the trained weights
     * @throws IllegalArgumentException before the first step, if the held-out rows hold no pair to evaluate
     * @throws org.rlhf4j.core.optim.NonFiniteException if a loss or gradient is not finite, before the update
     */
    public Result train(List<Comparison> rows, List<Comparison> heldOut) {
        if (!heldOut.isEmpty() && heldOut.stream().noneMatch(Comparison::holdsPairs)) {
            throw new IllegalArgumentException("the held-out rankings hold only ties, so there is no pair to evaluate");
        }
        RewardTask task = new RewardTask(
                model.scorer(), loss, rows, heldOut.isEmpty() ? null : () -> RewardEvaluator.evaluate(model, heldOut));
        Torch.run(() -> model.parameters().setAllTrainable(true));
        try {
            TrainingResult result = new TrainingLoop(task, model.parameters(), config)
                    .progress(progress)
                    .metrics(metrics)
                    .stopWhen(stop)
                    .run();
            return new Result(
                    result,
                    heldOut.isEmpty() ? Optional.empty() : Optional.of(RewardEvaluator.evaluate(model, heldOut)));
        } finally {
            Torch.run(() -> model.parameters().setAllTrainable(false));
        }
    }
}
