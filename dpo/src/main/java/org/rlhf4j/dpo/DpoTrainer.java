package org.rlhf4j.dpo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.rlhf4j.core.train.RunHooks;
import org.rlhf4j.core.train.TrainingConfig;
import org.rlhf4j.core.train.TrainingLoop;
import org.rlhf4j.core.train.TrainingResult;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.data.Comparison;
import org.rlhf4j.lm.text.EncodedExample;

/** Trains a language model on pairs by direct preference optimisation: Rafailov et al. 2023 (arXiv:2305.18290). */
public final class DpoTrainer {
    /** Nats a token by which chosen completions may have become less likely before it is worth a word. */
    private static final double DRIFT_TO_MENTION = 0.25;

    private final LanguageModel policy;
    private final ReferenceLogProbs reference;
    private final DpoLoss loss;
    private final TrainingConfig config;

    /**
     * A trainer.
     *
     * @param policy is trained in place, all its weights; stays the caller's to close
     * @param reference knows every completion that is trained on or evaluated
     * @param loss of pairs
     * @param config of the loop
     * @throws IllegalArgumentException if the reference is the policy itself, which would change with it
     */
    public DpoTrainer(LanguageModel policy, ReferenceLogProbs reference, DpoLoss loss, TrainingConfig config) {
        if (reference instanceof ReferenceLogProbs.Live live && live.model() == policy) {
            throw new IllegalArgumentException(
                    "the policy is its own reference and would change it: open the model twice, give policy.frozen() where it"
                            + " has an adapter, or precompute");
        }
        this.policy = policy;
        this.reference = reference;
        this.loss = loss;
        this.config = config;
    }

    /** {@link #train(List, List, RunHooks)} that nobody watches. */
    public TrainingResult train(List<Comparison> rows, List<Comparison> heldOut) {
        return train(rows, heldOut, RunHooks.NONE);
    }

    /**
     * Trains.
     *
     * @param rows pairs that are learned from, at least one row
     * @param heldOut pairs that are evaluated; may be empty
     * @param hooks who watches
     * @return the figures; the policy holds the trained weights
     * @throws IllegalArgumentException before the first step, if a row is a whole ranking or has a completion without a
     *     token
     * @throws org.rlhf4j.core.optim.NonFiniteException if a loss or gradient is not finite, before the update
     */
    public TrainingResult train(List<Comparison> rows, List<Comparison> heldOut, RunHooks hooks) {
        DpoTask task = new DpoTask(policy, reference, loss, pairs(rows), pairs(heldOut));
        return new TrainingLoop(task, policy.parameters(), config).run(hooks);
    }

    private static List<Comparison.Pairs> pairs(List<Comparison> rows) {
        List<Comparison.Pairs> pairs = new ArrayList<>(rows.size());
        for (Comparison row : rows) {
            if (!(row instanceof Comparison.Pairs group)) {
                throw new IllegalArgumentException(
                        row.place() + " is a ranking: DPO learns from pairs, convert it first");
            }
            if (row.examples().stream().anyMatch(example -> example.completionLength() == 0)) {
                throw new IllegalArgumentException(row.place() + " has a completion without a token");
            }
            pairs.add(group);
        }
        return pairs;
    }

    /**
     * Every completion of some rows, with repetition: what a reference must know.
     *
     * @param parts training rows, held-out rows
     */
    @SafeVarargs
    public static List<EncodedExample> completions(List<Comparison>... parts) {
        List<EncodedExample> examples = new ArrayList<>();
        for (List<Comparison> rows : parts) {
            rows.forEach(row -> examples.addAll(row.examples()));
        }
        return examples;
    }

    /**
     * A warning when the policy has made the chosen completions much less likely than they were. DPO only widens the gap
     * between both sides, and may do it by lowering both, moving probability to text that nobody compared.
     *
     * @param result of a run; its held-out figures are looked at first
     * @return a sentence for a person, or nothing
     */
    public static Optional<String> warning(TrainingResult result) {
        Map<String, Double> metrics = result.metrics();
        Double held = metrics.get("eval_" + PairMetrics.CHOSEN_DRIFT);
        Double drift = held == null ? metrics.get(PairMetrics.CHOSEN_DRIFT) : held;
        if (drift == null || drift > -DRIFT_TO_MENTION) {
            return Optional.empty();
        }
        return Optional.of(String.format(
                Locale.ROOT,
                "the chosen completions have become %.2f nats a token less likely than under the reference: raise beta,"
                        + " lower the learning rate, train fewer steps, or set nllCoef",
                -drift));
    }
}
