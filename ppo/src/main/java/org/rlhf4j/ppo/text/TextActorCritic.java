package org.rlhf4j.ppo.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
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
    record Completions(List<EncodedExample> rows, int width) {
        static Completions of(List<EncodedExample> rows) {
            return new Completions(
                    rows,
                    rows.stream()
                            .mapToInt(EncodedExample::completionLength)
                            .max()
                            .orElseThrow());
        }
    }

    @Override
    public List<Network> networks() {
        return List.of(
                new Network("policy", policy.parameters(), 1, criticWarmup),
                new Network("critic", critic.parameters(), criticRateFactor, 0));
    }

    @Override
    public Evaluation evaluate(Completions samples, int[] rows, Tape tape) {
        PaddedBatch batch =
                PaddedBatch.of(Arrays.stream(rows).mapToObj(samples.rows::get).toList());
        NDArray states = policy.predictingStates(batch);
        if (critic.readsPolicy()) {
            // Both losses flow back into these states.
            states = tape.cut(states);
        }
        TokenLogProbs tokens =
                TokenLogProbs.of(tape, states, policy.headWeight(), batch.completionTargets(), temperature);
        NDArray values = critic.values(batch, states);
        NDArray places = HostCopy.create(Torch.manager(), places(batch, samples.width));
        Shape shape = new Shape(rows.length, samples.width);
        return new Evaluation(
                grid(tokens.logProb(), places, shape),
                grid(tokens.entropy(), places, shape),
                grid(values, places, shape));
    }

    /** The critic's values before each token of the completions, without gradients: one array a row. */
    float[][] values(List<EncodedExample> rows) {
        return CompletionFigures.of(
                rows,
                batch -> critic.values(batch, critic.readsPolicy() ? policy.predictingStates(batch) : noStates()));
    }

    private static NDArray noStates() {
        return Torch.manager().create(0f);
    }

    private static NDArray grid(NDArray flat, NDArray places, Shape shape) {
        return TorchOps.rows(flat, places).reshape(shape);
    }

    /** For each step of {@code [rows, T]} where its token stands among the N; the first token at padding. */
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
