package org.rlhf4j.lm;

/**
 * The values of keys that are absent from a {@code config.json}, as transformers 5 has them.
 *
 * @param context {@code max_position_embeddings}
 * @param keyValueHeads {@code num_key_value_heads}; 0 for as many as query heads, which is what null always means
 * @param headDim {@code head_dim}; 0 for H/n
 * @param normEps epsilon of the norms
 * @param activation inside the MLP
 * @param window {@code sliding_window}; 0 for none
 * @param theta base of the rotary frequencies
 * @param rotaryShare part of a head that is turned
 * @param isTied whether the head is the embedding
 */
record FamilyDefaults(
        int context,
        int keyValueHeads,
        int headDim,
        double normEps,
        String activation,
        int window,
        double theta,
        double rotaryShare,
        boolean isTied) {
    static final FamilyDefaults LLAMA = new FamilyDefaults(2048, 0, 0, 1e-6, "silu", 0, 10_000, 1, false);

    static final FamilyDefaults GEMMA = LLAMA.context(8192)
            .keyValueHeads(16)
            .headDim(256)
            .activation("gelu_pytorch_tanh")
            .tied();

    FamilyDefaults context(int other) {
        return new FamilyDefaults(
                other, keyValueHeads, headDim, normEps, activation, window, theta, rotaryShare, isTied);
    }

    FamilyDefaults keyValueHeads(int other) {
        return new FamilyDefaults(context, other, headDim, normEps, activation, window, theta, rotaryShare, isTied);
    }

    FamilyDefaults headDim(int other) {
        return new FamilyDefaults(
                context, keyValueHeads, other, normEps, activation, window, theta, rotaryShare, isTied);
    }

    FamilyDefaults normEps(double other) {
        return new FamilyDefaults(
                context, keyValueHeads, headDim, other, activation, window, theta, rotaryShare, isTied);
    }

    FamilyDefaults activation(String other) {
        return new FamilyDefaults(context, keyValueHeads, headDim, normEps, other, window, theta, rotaryShare, isTied);
    }

    FamilyDefaults window(int other) {
        return new FamilyDefaults(
                context, keyValueHeads, headDim, normEps, activation, other, theta, rotaryShare, isTied);
    }

    FamilyDefaults theta(double other) {
        return new FamilyDefaults(
                context, keyValueHeads, headDim, normEps, activation, window, other, rotaryShare, isTied);
    }

    FamilyDefaults rotaryShare(double other) {
        return new FamilyDefaults(context, keyValueHeads, headDim, normEps, activation, window, theta, other, isTied);
    }

    FamilyDefaults tied() {
        return new FamilyDefaults(
                context, keyValueHeads, headDim, normEps, activation, window, theta, rotaryShare, true);
    }
}
