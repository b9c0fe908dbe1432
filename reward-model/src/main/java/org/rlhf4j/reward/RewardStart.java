package org.rlhf4j.reward;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Precision;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.BaseModel;
import org.rlhf4j.lm.Checkpoint;
import org.rlhf4j.lm.Head;
import org.rlhf4j.lm.ModelConfig;
import org.rlhf4j.lm.PretrainedConfig;
import org.rlhf4j.lm.ScalarHead;
import org.rlhf4j.lm.ScorerPadding;
import org.rlhf4j.lm.lora.LoraAdapter;
import org.rlhf4j.lm.lora.LoraConfig;

/**
 * What a reward model is made of.
 *
 * @param config of the network
 * @param weights of the network, and of the head where no adapter brings one
 * @param adapter on top, or null for none
 */
record RewardStart(
        PretrainedConfig config,
        Parameters weights,
        @Nullable LoraAdapter adapter) {
    /** A model as it is stored, with the adapter that it is opened under. */
    static RewardStart stored(Checkpoint checkpoint, Parameters weights) {
        return new RewardStart(checkpoint.config(), weights, adapter(checkpoint, weights));
    }

    private static @Nullable LoraAdapter adapter(Checkpoint checkpoint, Parameters weights) {
        return checkpoint.config() instanceof ModelConfig ? checkpoint.base().loadAdapter(weights) : null;
    }

    /** A model to be trained whole, or an adapter to be trained on; the head is fresh where there is none yet. */
    static RewardStart of(Checkpoint checkpoint, long seed, Precision precision) {
        PretrainedConfig config = withPadding(checkpoint);
        boolean scores = checkpoint.head() == Head.SCALAR;
        Precision trained = precision.forTraining();
        Parameters weights = scores ? checkpoint.load(trained) : checkpoint.loadBackbone(trained);
        @Nullable LoraAdapter adapter = adapter(checkpoint, weights);
        if (!scores) {
            config.addScalarHead(adapter == null ? weights : adapter.weights(), seed);
        }
        return new RewardStart(config, weights, adapter);
    }

    /** A frozen model with a fresh adapter on top, which has a head of its own: a copy of the model's, or a fresh one. */
    static RewardStart of(Checkpoint checkpoint, long seed, Precision precision, LoraConfig lora) {
        PretrainedConfig config = withPadding(checkpoint);
        boolean scores = checkpoint.head() == Head.SCALAR;
        BaseModel base = checkpoint.base();
        Parameters weights = scores ? checkpoint.load(precision) : checkpoint.loadBackbone(precision);
        LoraAdapter adapter = base.adapter(lora, weights, seed);
        if (scores) {
            Torch.run(() -> {
                NDArray head = weights.get(ScalarHead.WEIGHT);
                Parameters own = adapter.weights();
                own.put(ScalarHead.WEIGHT, HostCopy.create(own.manager(), head.getShape(), HostCopy.toFloats(head)));
            });
        } else {
            config.addScalarHead(adapter.weights(), seed);
        }
        return new RewardStart(config, weights, adapter);
    }

    /** An encoder's score is read at its first token, and needs no padding token. */
    private static PretrainedConfig withPadding(Checkpoint checkpoint) {
        return checkpoint.config() instanceof ModelConfig ? ScorerPadding.of(checkpoint) : checkpoint.config();
    }

    /** Frees the weights. */
    void close() {
        weights.close();
        if (adapter != null) {
            adapter.close();
        }
    }
}
