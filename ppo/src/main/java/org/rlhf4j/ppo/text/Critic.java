package org.rlhf4j.ppo.text;

import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.Checkpoint;
import org.rlhf4j.lm.Decoder;
import org.rlhf4j.lm.Head;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.ModelConfig;
import org.rlhf4j.lm.PaddedBatch;
import org.rlhf4j.lm.ScalarHead;
import org.rlhf4j.lm.text.TextTokenizer;

/**
 * Estimates, before each token of a completion, what the completion will still earn. It reads the token ids of the policy.
 *
 * <p>{@link #values} is used on the tensor thread, inside a scope.
 */
public sealed interface Critic extends AutoCloseable {
    /** The weights that are its own, for training. */
    Parameters parameters();

    /** Whether it reads the hidden states of the policy, and so teaches the policy too. */
    boolean readsPolicy();

    /**
     * The value before each completion token.
     *
     * @param batch rows, each with a prompt of at least one token
     * @param policyStates what the policy makes of the batch, {@code [N, H]}: {@link LanguageModel#predictingStates}
     * @return {@code [N]}, in the order of {@link PaddedBatch#completionTargets()}, with gradients for whichever weights are
     *     trainable
     */
    NDArray values(PaddedBatch batch, NDArray policyStates);

    @Override
    void close();

    /**
     * A network of its own. From a reward model it takes the head too, so that it begins with an estimate of the score; from
     * a language model it takes the decoder, and a head that says 0.
     *
     * @param directory a reward model or a language model with the tokenizer of the policy
     * @param policy whose tokens it reads
     * @throws DataFormatException if it cannot be used, or has another tokenizer
     */
    static Critic open(Path directory, LanguageModel policy) {
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            ModelConfig config = checkpoint.decoderConfig();
            requireTokenizerOf(policy, checkpoint);
            boolean scores = checkpoint.head() == Head.SCALAR;
            Parameters weights = checkpoint.base().merge(scores ? checkpoint.load() : checkpoint.loadBackbone());
            try {
                ScalarHead head =
                        scores ? Torch.call(() -> new ScalarHead(weights)) : ScalarHead.zero(weights, config.hidden());
                return new OwnNetwork(weights, new Decoder(config, weights), head);
            } catch (RuntimeException | Error e) {
                weights.close();
                throw e;
            }
        }
    }

    /**
     * A network over the frozen weights of a policy with an adapter: an adapter of its own, which starts as the policy's is, and
     * a head that says 0. There is no second copy of the weights.
     *
     * @param policy has an adapter
     * @param seed of dropout
     */
    static Critic besideAdapter(LanguageModel policy, long seed) {
        LanguageModel twin = policy.twin(seed);
        Parameters own = twin.parameters();
        return new OwnNetwork(
                own,
                twin.decoder(),
                ScalarHead.zero(own, policy.config().sizes().hidden()));
    }

    /**
     * A head on the policy's own hidden states, which says 0 until it is trained: the least memory, but its loss moves the
     * policy too.
     */
    static Critic onPolicy(LanguageModel policy) {
        Parameters weights = new Parameters();
        return new HeadOnPolicy(
                weights, ScalarHead.zero(weights, policy.config().sizes().hidden()));
    }

    private static void requireTokenizerOf(LanguageModel policy, Checkpoint checkpoint) {
        try (TextTokenizer own = checkpoint.openTokenizer()) {
            if (!own.sha256().equals(policy.tokenizer().sha256())) {
                throw new DataFormatException(
                        checkpoint.directory().toString(),
                        0,
                        "has another tokenizer than the policy, whose tokens the critic reads: start the critic from the"
                                + " policy (critic.start=policy)");
            }
        }
        int needed = policy.encoder().policy().maxLength();
        int context = checkpoint.config().context();
        if (context < needed) {
            throw new DataFormatException(
                    checkpoint.directory().toString(),
                    0,
                    "has a context of " + context + " tokens, the policy writes up to " + needed);
        }
    }

    /** A decoder with a scalar head. */
    record OwnNetwork(Parameters parameters, Decoder decoder, ScalarHead head) implements Critic {
        @Override
        public boolean readsPolicy() {
            return false;
        }

        @Override
        public NDArray values(PaddedBatch batch, NDArray policyStates) {
            return head.of(decoder.predictingStates(batch));
        }

        @Override
        public void close() {
            parameters.close();
        }
    }

    /** A scalar head on the policy. */
    record HeadOnPolicy(Parameters parameters, ScalarHead head) implements Critic {
        @Override
        public boolean readsPolicy() {
            return true;
        }

        @Override
        public NDArray values(PaddedBatch batch, NDArray policyStates) {
            return head.of(policyStates);
        }

        @Override
        public void close() {
            parameters.close();
        }
    }
}
