package org.rlhf4j.ppo.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.TokenLogProbs;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;
import org.rlhf4j.lm.CompletionFigures;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.PaddedBatch;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.ppo.ActorCritic;

/**
 * A language model and its critic, as far as learning is concerned: a step is a token of a completion, a row a completion.
 *
 * @param policy writes
 * @param critic estimates
 * @param temperature divides the logits of the policy, when it writes and everywhere else
 * @param criticRateFactor the critic's learning rate by that of the policy
 * @param criticWarmup rollouts that only the critic learns from
 */
record TextActorCritic(
        LanguageModel policy, Critic critic, double temperature, double criticRateFactor, long criticWarmup)
        implements ActorCritic<TextActorCritic.Completions> {

    /**
     * Prompts with completions.
     *
     * @param rows one a row of the rollout
     * @param width tokens of the longest completion, T
     */
    record Completions(List<EncodedExample> rows, int width, IntFunction<String> places) {
        static Completions of(List<EncodedExample> rows) {
            return of(rows, row -> "row " + row);
        }

        static Completions of(List<EncodedExample> rows, IntFunction<String> places) {
            return new Completions(
                    rows,
                    rows.stream()
                            .mapToInt(EncodedExample::completionLength)
                            .max()
                            .orElseThrow(),
                    places);
        }

        private PaddedBatch batch(int[] some) {
            return PaddedBatch.of(Arrays.stream(some).mapToObj(rows::get).toList());
        }
    }

    @Override
    public List<Network> networks() {
        return List.of(
                new Network("policy", policy.parameters(), 1, criticWarmup),
                new Network("critic", critic.parameters(), criticRateFactor, 0));
    }

    /** Two where the critic is a network of its own: the graphs of both models are never in memory together. */
    @Override
    public String place(Completions samples, int row) {
        return samples.places.apply(row);
    }

    @Override
    public List<Pass<Completions>> passes() {
        return critic.readsPolicy() ? List.of(this::evaluate) : List.of(this::policyPass, this::criticPass);
    }

    @Override
    public Evaluation evaluate(Completions samples, int[] rows, Tape tape) {
        PaddedBatch batch = samples.batch(rows);
        NDArray states = policy.predictingStates(batch);
        if (critic.readsPolicy()) {
            // Both losses flow back into these states.
            states = tape.cut(states);
        }
        Grid grid = new Grid(batch, samples.width);
        TokenLogProbs tokens = tokens(batch, states, tape);
        return new Evaluation(
                grid.of(tokens.logProb()), grid.of(tokens.entropy()), grid.of(critic.values(batch, states)));
    }

    private Evaluation policyPass(Completions samples, int[] rows, Tape tape) {
        PaddedBatch batch = samples.batch(rows);
        Grid grid = new Grid(batch, samples.width);
        TokenLogProbs tokens = tokens(batch, policy.predictingStates(batch), tape);
        return new Evaluation(grid.of(tokens.logProb()), grid.of(tokens.entropy()), null);
    }

    private Evaluation criticPass(Completions samples, int[] rows, Tape tape) {
        PaddedBatch batch = samples.batch(rows);
        return new Evaluation(null, null, new Grid(batch, samples.width).of(critic.values(batch, noStates())));
    }

    private TokenLogProbs tokens(PaddedBatch batch, NDArray states, Tape tape) {
        return TokenLogProbs.of(tape, states, policy.head(), batch.completionTargets(), temperature);
    }

    /** The critic's values before each token of the completions, without gradients: one array a row. */
    float[][] values(List<EncodedExample> rows) {
        return CompletionFigures.of(
                rows,
                batch -> critic.values(batch, critic.readsPolicy() ? policy.predictingStates(batch) : noStates()));
    }

    private static NDArray noStates() {
        return HostCopy.create(Torch.manager(), new Shape(1), new float[1]);
    }

    /** Puts figures of tokens, {@code [N]}, where their steps are, {@code [rows, T]}. */
    private static final class Grid {
        private final NDArray places;
        private final Shape shape;

        Grid(PaddedBatch batch, int width) {
            places = HostCopy.create(Torch.manager(), places(batch, width));
            shape = new Shape(batch.rows(), width);
        }

        NDArray of(NDArray tokens) {
            return TorchOps.rows(tokens, places).reshape(shape);
        }

        /** For each step where its token stands among the N; the first token at padding. */
        private static long[] places(PaddedBatch batch, int width) {
            long[] places = new long[batch.rows() * width];
            int next = 0;
            for (int row = 0; row < batch.rows(); row++) {
                for (int t = 0; t < batch.completionTokens(row); t++) {
                    places[row * width + t] = next++;
                }
            }
            return places;
        }
    }
}
