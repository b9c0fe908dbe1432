package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.TokenLogProbs;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.lm.text.TextTokenizer;

/**
 * A causal language model: a decoder with its head over the vocabulary, and a tokenizer where the directory has one.
 *
 * <p>{@link #logits} and {@link #logProbs} may be called from any thread; calls queue onto the tensor thread. {@link #close()} comes after all
 * of them.
 */
public final class LanguageModel implements AutoCloseable {
    /** Padded tokens of one forward pass; bounds the memory whatever the number of rows. */
    private static final int TOKENS_PER_BATCH = 8192;

    private final ModelConfig config;
    private final Parameters weights;
    private final Decoder decoder;
    private final WeightFormat format;
    private final Map<String, byte[]> carried;
    private final @Nullable ModelSidecar sidecar;
    private final @Nullable TextTokenizer tokenizer;

    private LanguageModel(Checkpoint checkpoint, @Nullable TextTokenizer tokenizer, Parameters weights) {
        this.config = checkpoint.config();
        this.weights = weights;
        this.decoder = new Decoder(config, weights);
        this.format = checkpoint.format();
        this.carried = checkpoint.carriedFiles();
        this.sidecar = checkpoint.sidecar().orElse(null);
        this.tokenizer = tokenizer;
    }

    /**
     * Opens a model directory with a language-model head.
     *
     * @param directory in the layout of Hugging Face
     * @throws DataFormatException if it cannot be used, or holds a reward model
     */
    public static LanguageModel open(Path directory) {
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            if (checkpoint.head() != Head.LANGUAGE_MODEL) {
                throw new DataFormatException(
                        directory.toString(),
                        0,
                        "holds a reward model (" + TensorNames.SCORE + "), not a language model");
            }
            @Nullable
            TextTokenizer tokenizer =
                    checkpoint.carriedFiles().containsKey("tokenizer.json") ? checkpoint.openTokenizer() : null;
            try {
                return new LanguageModel(checkpoint, tokenizer, checkpoint.load());
            } catch (RuntimeException | Error e) {
                if (tokenizer != null) {
                    tokenizer.close();
                }
                throw e;
            }
        }
    }

    /** The configuration. */
    public ModelConfig config() {
        return config;
    }

    /** The weights, for training: change them on the tensor thread only. */
    public Parameters parameters() {
        return weights;
    }

    /** The decoder, for use on the tensor thread. */
    public Decoder decoder() {
        return decoder;
    }

    /** What RLHF4J stored with the model, if it trained it. */
    public Optional<ModelSidecar> sidecar() {
        return Optional.ofNullable(sidecar);
    }

    /**
     * The tokenizer, closed with the model.
     *
     * @throws IllegalStateException if the directory has none
     */
    public TextTokenizer tokenizer() {
        if (tokenizer == null) {
            throw new IllegalStateException("the model came without a tokenizer.json");
        }
        return tokenizer;
    }

    /**
     * The matrix from hidden states to logits: {@code lm_head.weight [V, H]}, or the embedding when it is tied. For use on
     * the tensor thread.
     */
    public NDArray headWeight() {
        return weights.get(config.tied() ? TensorNames.EMBEDDING : TensorNames.LM_HEAD);
    }

    /**
     * The logits after every token of some sequences, without gradients.
     *
     * @param batch the sequences
     * @return {@code [B][T][V]}; what stands at padding has no meaning
     */
    public float[][][] logits(PaddedBatch batch) {
        float[] flat = Torch.call(
                () -> Scope.call(() -> HostCopy.toFloats(TorchOps.linear(decoder.hidden(batch), headWeight()))));
        int vocabulary = config.sizes().vocabulary();
        float[][][] logits = new float[batch.rows()][batch.width()][vocabulary];
        for (int row = 0; row < batch.rows(); row++) {
            for (int column = 0; column < batch.width(); column++) {
                int from = (row * batch.width() + column) * vocabulary;
                System.arraycopy(flat, from, logits[row][column], 0, vocabulary);
            }
        }
        return logits;
    }

    /**
     * The log-probability of every completion token given what stands before it, without gradients.
     *
     * @param examples rows of any lengths, each with a prompt of at least one token
     * @param temperature divides the logits; 1 for the model's own distribution
     * @return nats, at most 0: one array a row, in order, with one value for each token of its completion
     */
    public float[][] logProbs(List<EncodedExample> examples, double temperature) {
        float[][] result = new float[examples.size()][];
        int[] lengths = examples.stream().mapToInt(EncodedExample::length).toArray();
        for (int[] rows : LengthBatches.plan(lengths, TOKENS_PER_BATCH, examples.size())) {
            PaddedBatch batch =
                    PaddedBatch.of(Arrays.stream(rows).mapToObj(examples::get).toList());
            float[] flat = Torch.call(() -> Scope.call(() -> HostCopy.toFloats(logProbs(batch, temperature))));
            int from = 0;
            for (int i = 0; i < rows.length; i++) {
                int to = from + batch.length(i) - batch.promptLength(i);
                result[rows[i]] = Arrays.copyOfRange(flat, from, to);
                from = to;
            }
        }
        return result;
    }

    private NDArray logProbs(PaddedBatch batch, double temperature) {
        NDArray hidden = decoder.hidden(batch).reshape(-1, config.sizes().hidden());
        NDArray index = HostCopy.create(Torch.manager(), batch.completionPredictors());
        NDArray predicting = TorchOps.rows(hidden, index);
        return TokenLogProbs.forward(predicting, headWeight(), batch.completionTargets(), temperature)
                .logProb();
    }

    /**
     * Saves the model into a fresh directory, in the format that it was read from.
     *
     * @param directory absent or empty
     * @throws IOException if it cannot be written
     */
    public void save(Path directory) throws IOException {
        Checkpoint.save(
                Storage.disk(),
                directory,
                new Checkpoint.Content(config, Head.LANGUAGE_MODEL, weights, format, carried, sidecar));
    }

    @Override
    public void close() {
        weights.close();
        if (tokenizer != null) {
            tokenizer.close();
        }
    }
}
